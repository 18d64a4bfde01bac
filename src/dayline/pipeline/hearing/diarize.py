"""The arithmetic of speakers, as pure functions that a computing process can run."""

from __future__ import annotations

from typing import Any

import numpy as np

from dayline.core.packing import Packed, pack_utterances, unpack_utterances
from dayline.core.transcript import Transcript
from dayline.engines.audio.spans import read_span
from dayline.engines.voices import loader
from dayline.engines.voices.assign import assign_speakers, engine_turns
from dayline.engines.voices.day import diarize_day
from dayline.engines.voices.ports import VoiceEmbedder
from dayline.engines.voices.windows import decode_windows, embed_clips, encode_windows, merge

_embedders: dict[str, VoiceEmbedder] = {}


def name_speakers(packed: Packed, windows: list[bytes], print_: bytes | None) -> tuple[Packed, list[dict[str, Any]]]:
    """Return the utterances with speakers, and each voice with its seconds of speech. `print_` is float32 bytes."""
    utterances = unpack_utterances(packed)
    transcript = Transcript(utterances, duration_seconds=max(u.end_seconds for u in utterances))
    enrolled = np.frombuffer(print_, dtype=np.float32) if print_ else None
    # Labels of a recogniser that knows speakers replace the clustering where there are any.
    given = engine_turns(transcript)
    voices = diarize_day(merge([decode_windows(w) for w in windows]), enrolled=enrolled, engine_labels=given or None)
    named = assign_speakers(transcript, voices)
    heard = [
        {"label": v.label, "first_seconds": round(v.first_seconds, 2), "speech_seconds": round(v.speech_seconds, 2)}
        for v in voices.voices
    ]
    return pack_utterances(named.utterances), heard


def voice_windows(span: bytes, model: str) -> bytes:
    """Measure the voices of one span. Runs in a computing process, which keeps the model loaded."""
    if model not in _embedders:
        _embedders[model] = loader.load(model)
    return encode_windows(embed_clips(_embedders[model], read_span(span).clips))
