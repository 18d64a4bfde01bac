"""A rep who is identified with low confidence is reported with a warning."""

from __future__ import annotations

import io
import wave

import numpy as np
import pytest

from dayline.diarization import registry as loader
from dayline.diarization.tasks import NamedSpeakers, name_speakers
from dayline.diarization.voice_windows import embed_clips, encode_windows
from dayline.domain.clip import Clip
from dayline.domain.serialization import pack_utterances
from dayline.domain.transcript import Utterance, Word


def test_who_sells_in_one_short_talk_is_doubtful(short_visit: bytes) -> None:
    with wave.open(io.BytesIO(short_visit)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
    windows = encode_windows(embed_clips(loader.load(loader.DEFAULT), [Clip(samples, 0.0)]))
    seconds = len(samples) / 16_000
    words = tuple(Word("word", float(at), at + 0.4, 1.0, None) for at in range(int(seconds)))
    said = [Utterance(0.0, seconds, "word", None, 1.0, words)]

    named = name_speakers(pack_utterances(said), [windows], None)

    assert named.rep_confidence is not None
    assert named.rep_confidence < 0.5
    usage = named.as_usage()
    assert usage["voices"] == len(named.voices) >= 1
    assert len(usage["warnings"]) == 1


@pytest.mark.parametrize("confidence", [None, 0.5, 0.9])
def test_a_sure_rep_and_none_need_no_warning(confidence: float | None) -> None:
    assert NamedSpeakers([], [], confidence).as_usage()["warnings"] == []
