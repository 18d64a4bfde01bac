"""What the adapters make of answers that a random model does not give."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from dayline.asr.faster_whisper import FasterWhisperTranscriber, share_windows
from dayline.asr.model_catalog import recognise
from dayline.asr.onnx_asr import OnnxAsrTranscriber
from dayline.asr.registry import SpeechConfig, load_transcriber
from dayline.domain.clip import Clip
from dayline.domain.errors import InvalidRequest, Unavailable


@pytest.fixture
def whisper(models_dir) -> FasterWhisperTranscriber:
    return FasterWhisperTranscriber(str(models_dir / "whisper-tiny"), device="cpu", threads=1)


def segment(seek: int, text: str, *times: tuple[float, float], silence: float = 0.1, likely: float = -0.3):
    words = [
        SimpleNamespace(word=f" {w}", start=s, end=e, probability=0.8)
        for w, (s, e) in zip(text.split(), times, strict=False)
    ]
    return SimpleNamespace(seek=seek, text=f" {text}", words=words, no_speech_prob=silence, avg_logprob=likely)


def test_whisper_answers_are_put_into_their_clips(whisper, noise, monkeypatch):
    asked = {}

    def answer(audio, **options):
        asked.update(options, seconds=len(audio) / 16000)
        starts = [round(c["start"] * 100) for c in options["clip_timestamps"]]
        segments = [
            segment(starts[0], "good morning", (0.2, 0.6), (0.6, 22.9)),
            segment(starts[1], "thanks for watching", (15.6, 16.0), silence=0.9, likely=-1.4),
            segment(starts[2], "far away", (500.0, 501.0), (501.0, 502.0)),
            segment(starts[3], "no alignment"),
            segment(starts[3] + 777, "no such clip", (1.0, 2.0)),
            segment(starts[3], " "),
        ]
        return segments, None

    monkeypatch.setattr(whisper._pipeline, "transcribe", answer)
    clips = [noise(15.0, 100.0), noise(15.0, 200.0), noise(15.0, 300.0), noise(15.0, 400.0)]
    first, last = whisper.transcribe(clips, "en")
    assert [(w.text, w.start_seconds, w.end_seconds) for w in first.words] == [
        ("good", 100.2, 100.6),
        ("morning", 100.6, 115.0),
    ]
    assert (last.text, last.start_seconds, last.end_seconds, last.words) == ("no alignment", 400.0, 415.0, ())
    assert whisper.dropped_lines == 2
    assert asked["vad_filter"] is False
    assert asked["seconds"] == pytest.approx(60.8)


def test_whisper_clips_share_a_window_and_words_go_back_to_their_clips(whisper, noise, monkeypatch):
    asked = []

    def answer(audio, **options):
        asked.append(options["clip_timestamps"])
        words = ["one", "two", "three", "four", "five", "six"]
        times = [(0.1, 0.5), (2.02, 2.15), (2.15, 2.35), (3.22, 3.3), (3.6, 4.4), (4.95, 5.1)]
        return [segment(0, " ".join(words), *times)], None

    monkeypatch.setattr(whisper._pipeline, "transcribe", answer)
    clips = [noise(2.0, 100.0), noise(1.0, 200.0), noise(1.5, 300.0)]
    heard = whisper.transcribe(clips, "en")
    assert asked == [[{"start": 0.0, "end": pytest.approx(4.9)}]]
    assert [(u.start_seconds, u.end_seconds, u.text) for u in heard] == [
        (100.1, 102.0, "one two"),
        (200.0, 201.0, "three four"),
        (300.2, 301.5, "five six"),
    ]


def test_whisper_hears_clips_one_by_one_when_their_shared_text_has_no_times(whisper, noise, monkeypatch):
    asked = []

    def answer(audio, **options):
        spans = options["clip_timestamps"]
        asked.append(len(spans))
        return [segment(round(s["start"] * 100), f"line {i}") for i, s in enumerate(spans)], None

    monkeypatch.setattr(whisper._pipeline, "transcribe", answer)
    heard = whisper.transcribe([noise(2.0, 100.0), noise(1.0, 200.0)], "en")
    assert asked == [1, 2]
    assert [(u.start_seconds, u.text) for u in heard] == [(100.0, "line 0"), (200.0, "line 1")]


def test_no_window_is_lost_where_its_start_is_no_exact_number_of_seconds(whisper, noise, monkeypatch):
    """The library counts a window's start in samples, rounded down from seconds, and its frames from those."""
    odd = [at for at in range(160 * 90_000) if at % 160 == 0 and int(at / 16000 * 16000) != at][:3]
    assert odd

    def answer(audio, **options):
        starts = [int(int(c["start"] * 16000) / 16000 * 100) for c in options["clip_timestamps"]]
        return [segment(at, "word") for at in starts], None

    monkeypatch.setattr(whisper._pipeline, "transcribe", answer)
    for at in odd:
        first = np.tile(noise(1.0).samples, 1 + at // 16000)[: at - 3200]
        windows = [[Clip(first, 0.0)], [noise(2.0, 1000.0)]]
        assert len(whisper._recognise(windows, "en")) == 2


def test_windows_are_filled_but_pieces_of_one_clip_stay_apart(noise):
    def windows(*places: tuple[float, float]) -> list[int]:
        return [len(w) for w in share_windows([noise(seconds, start) for start, seconds in places])]

    assert windows((0.0, 9.0), (10.0, 9.0), (20.0, 9.0), (30.0, 20.0), (60.0, 8.9), (80.0, 30.0)) == [3, 1, 1, 1]
    assert windows((0.0, 9.0), (10.0, 9.0), (20.0, 9.0), (29.5, 0.4), (31.0, 1.0)) == [4, 1]
    assert windows((0.0, 6.0), (6.0, 6.0), (12.0, 2.0), (14.5, 2.0)) == [1, 1, 2]
    assert share_windows([]) == []


def test_whisper_blocks_stay_under_a_quarter_of_an_hour(whisper, noise, monkeypatch):
    lengths = []

    def answer(audio, **options):
        lengths.append(len(audio) / 16000)
        return [], None

    monkeypatch.setattr(whisper._pipeline, "transcribe", answer)
    clip = noise(30.0)
    whisper.transcribe([type(clip)(clip.samples, i * 31.0) for i in range(40)], "en")
    assert len(lengths) == 2
    assert max(lengths) <= 900.0
    assert sum(lengths) == pytest.approx(40 * 30.2)


def test_whisper_clips_vote_by_length_and_certainty(whisper, noise, monkeypatch):
    votes = {1.0: [("en", 0.99), ("de", 0.01)], 6.0: [("de", 0.6), ("en", 0.4)], 5.0: [("de", 0.7), ("en", 0.3)]}
    model = SimpleNamespace(
        model=SimpleNamespace(is_multilingual=True),
        detect_language=lambda audio: ("", 0.0, votes[len(audio) / 16000]),
    )
    monkeypatch.setattr(whisper, "_model", model)
    clips = [noise(1.0, 0.0), noise(6.0, 10.0), noise(5.0, 20.0)]
    assert whisper.detect_language(clips) == "de"
    assert whisper.detect_language(clips[:1]) == "en"
    assert whisper.detect_language([]) is None


def test_whisper_out_of_memory_can_be_tried_again(whisper, noise, monkeypatch):
    def fails(audio, **options):
        raise RuntimeError("CUDA failed with error out of memory at /secret/path")

    monkeypatch.setattr(whisper._pipeline, "transcribe", fails)
    with pytest.raises(Unavailable, match="ran out of memory") as caught:
        whisper.transcribe([noise(1.0)], "en")
    assert "secret" not in caught.value.message


def test_tokens_become_words(models_dir, noise, monkeypatch):
    engine = load_transcriber(SpeechConfig(engine="onnx-asr", model=str(models_dir / "tiny-parakeet-tdt"), threads=1))
    result = SimpleNamespace(
        text="good morning.",
        tokens=[" go", "od", " morn", "ing", "."],
        timestamps=[0.08, 0.16, 0.48, 0.64, 0.72],
        logprobs=[-0.1, -0.3, 0.0, 0.0, 0.0],
    )
    heard = []
    monkeypatch.setattr(engine._model, "recognize", lambda waves, **_: heard.extend(waves) or [result for _ in waves])
    utterance = engine.transcribe([noise(0.9, 50.0)])[0]
    assert [(w.text, w.start_seconds, w.end_seconds, w.confidence) for w in utterance.words] == [
        ("good", 50.08, 50.4, 0.8187),
        ("morning.", 50.48, 50.9, 1.0),
    ]
    assert heard[0].dtype == np.float32
    assert np.abs(heard[0]).max() <= 1.0


def test_a_model_that_is_told_the_language_refuses_what_it_does_not_know(models_dir, noise, monkeypatch):
    monkeypatch.setattr("dayline.asr.onnx_asr._type_of", lambda *_: "nemo-conformer-aed")
    found = recognise(models_dir / "tiny-ctc")
    engine = OnnxAsrTranscriber(found.model_type, folder=found.path, device="cpu", threads=1)
    assert not engine.limits.gives_words

    def recognize(waves, *, language="en", **_):
        {"en": 1}[language]
        return [SimpleNamespace(text="good morning", tokens=None, timestamps=None, logprobs=None) for _ in waves]

    monkeypatch.setattr(engine._model, "recognize", recognize)
    utterance = engine.transcribe([noise(1.0, 5.0)])[0]
    assert (utterance.text, utterance.start_seconds, utterance.end_seconds) == ("good morning", 5.0, 6.0)
    with pytest.raises(InvalidRequest):
        engine.transcribe([noise(1.0)], "xx")
