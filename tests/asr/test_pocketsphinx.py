from __future__ import annotations

import re

import jiwer
import numpy as np
import pytest

from dayline.asr.answer_checks import transcribe_checked
from dayline.asr.pocketsphinx import PocketsphinxTranscriber
from dayline.domain.clip import Clip


@pytest.fixture(scope="module")
def engine() -> PocketsphinxTranscriber:
    return PocketsphinxTranscriber()


def plain(text: str) -> str:
    return " ".join(re.findall(r"[a-z']+", text.lower()))


def test_it_understands_clear_speech_with_word_times(engine, spoken):
    clips = [clip for clip, _ in spoken]
    utterances = engine.transcribe(clips)
    assert len(utterances) == len(clips)
    assert jiwer.wer([plain(t) for _, t in spoken], [plain(u.text) for u in utterances]) < 0.4
    for clip, utterance in zip(clips, utterances, strict=True):
        assert not re.search(r"[<\[(+]", utterance.text)
        assert len(utterance.words) == len(utterance.text.split())
        assert utterance.start_seconds - clip.start_seconds < 1.0
        assert clip.end_seconds - utterance.end_seconds < 1.0
        assert 0.2 < utterance.confidence <= 1.0


def test_an_answer_does_not_depend_on_what_came_before(engine, spoken):
    clip = spoken[2][0]
    alone = PocketsphinxTranscriber().transcribe([clip])
    engine.transcribe([spoken[1][0]])
    assert engine.transcribe([clip]) == alone


def test_noise_and_hum_give_no_line(engine):
    rng = np.random.default_rng(0)
    seconds = np.arange(5 * 16000) / 16000
    hum = sum(2000 * np.sin(2 * np.pi * f * seconds) for f in (60, 120, 240)) + rng.normal(size=len(seconds)) * 50
    hiss = rng.normal(size=len(seconds)) * 500
    chunk = transcribe_checked(engine, [Clip(hum.astype(np.int16), 0.0), Clip(hiss.astype(np.int16), 10.0)])
    assert chunk.utterances == ()
    assert chunk.language == "en"
