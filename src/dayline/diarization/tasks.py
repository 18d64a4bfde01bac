"""The arithmetic of speakers, as pure functions that a computing process can run."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dayline.audio.chunks import read_chunk
from dayline.diarization import registry as loader
from dayline.diarization.assign import assign_speakers, engine_turns
from dayline.diarization.ports import VoiceEmbedder
from dayline.diarization.speaker_labels import diarize_day
from dayline.diarization.voice_windows import decode_windows, embed_clips, encode_windows, merge
from dayline.domain.serialization import Packed, pack_utterances, unpack_utterances
from dayline.domain.stored_json import NamedVoice, SpeakerUsage
from dayline.domain.transcript import Transcript

DOUBTFUL_BELOW = 0.5
"""A rep who was named with less confidence may be somebody else: right days have .70 and more."""

_embedders: dict[str, VoiceEmbedder] = {}


@dataclass(frozen=True, slots=True)
class NamedSpeakers:
    """Utterances with speakers, each voice with its seconds of speech, and how sure it is who the rep is (0..1).

    `rep_confidence` is None when no voice was identified as the rep.
    """

    utterances: Packed
    voices: list[NamedVoice]
    rep_confidence: float | None

    def as_usage(self) -> SpeakerUsage:
        """Return what users are told about how the speakers were named."""
        return {
            "voices": len(self.voices),
            "rep_confidence": self.rep_confidence,
            "warnings": [_DOUBT] if self.rep_confidence is not None and self.rep_confidence < DOUBTFUL_BELOW else [],
        }


_DOUBT = "It is doubtful which voice is the rep's: figures about the rep may be somebody else's. Enrol the rep's voice."


def name_speakers(packed: Packed, windows: list[bytes], print_: bytes | None) -> NamedSpeakers:
    """Return who spoke. `windows` are the voices of every chunk, `print_` is float32 bytes of the enrolled rep."""
    utterances = unpack_utterances(packed)
    transcript = Transcript(utterances, duration_seconds=max(u.end_seconds for u in utterances))
    enrolled = np.frombuffer(print_, dtype=np.float32) if print_ else None
    # Labels of a recogniser that knows speakers replace the clustering where there are any.
    given = engine_turns(transcript)
    voices = diarize_day(merge([decode_windows(w) for w in windows]), enrolled=enrolled, engine_labels=given or None)
    named = assign_speakers(transcript, voices)
    heard: list[NamedVoice] = [
        {"label": v.label, "first_seconds": round(v.first_seconds, 2), "speech_seconds": round(v.speech_seconds, 2)}
        for v in voices.voices
    ]
    return NamedSpeakers(pack_utterances(named.utterances), heard, voices.rep_confidence)


def voice_windows(chunk: bytes, model: str) -> bytes:
    """Measure the voices of one chunk. Runs in a computing process, which keeps the model loaded."""
    if model not in _embedders:
        _embedders[model] = loader.load(model)
    return encode_windows(embed_clips(_embedders[model], read_chunk(chunk).clips))
