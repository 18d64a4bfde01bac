"""The Whisper adapter with real weights (tiny.en): what it writes for speech, short answers, noise and packed clips."""

from __future__ import annotations

import re
from pathlib import Path

import jiwer
import numpy as np
import pytest

from dayline.asr.answer_checks import transcribe_checked
from dayline.asr.faster_whisper import FasterWhisperTranscriber
from dayline.domain.clip import Clip


@pytest.fixture(scope="module")
def whisper(real_models_folder: Path) -> FasterWhisperTranscriber:
    return FasterWhisperTranscriber(str(real_models_folder / "whisper-tiny.en"), device="cpu", threads=1)


def plain(text: str) -> str:
    return " ".join(re.findall(r"[a-z0-9']+", text.lower()))


def test_real_words_in_their_clips(whisper, spoken):
    clips = [clip for clip, _ in spoken]
    result = transcribe_checked(whisper, clips)
    assert len(result.utterances) == len(clips)
    assert jiwer.wer([plain(t) for _, t in spoken], [plain(u.text) for u in result.utterances]) < 0.25
    for clip, utterance in zip(clips, result.utterances, strict=True):
        assert clip.start_seconds <= utterance.start_seconds < utterance.end_seconds <= clip.end_seconds
        assert not any(re.match(r"[,.:%'-]\w", w.text) for w in utterance.words)
        # The clips begin .2 s before the speech.
        assert 0.05 <= utterance.start_seconds - clip.start_seconds <= 0.5
    assert (result.language, result.dropped_lines, result.retried_clips) == ("en", 0, 0)


def test_a_window_gives_what_the_library_gives(whisper, spoken):
    from faster_whisper import BatchedInferencePipeline

    clip, _ = spoken[0]
    samples = clip.samples.astype(np.float32) / 32768
    segments, _ = BatchedInferencePipeline(whisper._decoder._model).transcribe(samples, language="en", vad_filter=False)
    (utterance,) = whisper.transcribe([clip], "en")
    assert utterance.text == " ".join("".join(s.text for s in segments).split())


def test_noise_and_tones_give_no_word_and_are_heard_once(whisper, monkeypatch):
    rng = np.random.default_rng(1)
    time = np.arange(6 * 16000) / 16000
    swell = (1 + np.sin(2 * np.pi * 0.5 * time)) / 2
    beeps = np.sin(2 * np.pi * 1000 * time) * (np.sin(2 * np.pi * 1.5 * time) > 0.3)
    sounds = [rng.normal(size=len(time)) * swell * 0.1, beeps * 0.3, np.sin(2 * np.pi * 440 * time) * 0.3]
    clips = [Clip((s * 32767).astype(np.int16), i * 100.0) for i, s in enumerate(sounds)]
    heard: list[float] = []
    decode = whisper._decoder.decode
    monkeypatch.setattr(
        whisper._decoder, "decode", lambda windows, tag: (heard.extend(map(len, windows)), decode(windows, tag))[1]
    )
    for clip in clips:
        result = transcribe_checked(whisper, [clip])
        assert result.utterances == ()
        assert result.retried_clips == 0
    assert heard == [len(c.samples) for c in clips]
