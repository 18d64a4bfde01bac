"""The adapters of local models with scripted decoder answers that real weights rarely give."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from dayline.asr import faster_whisper
from dayline.asr.answer_checks import transcribe_checked
from dayline.asr.faster_whisper import FasterWhisperTranscriber, share_windows
from dayline.asr.model_catalog import recognise
from dayline.asr.onnx_asr import OnnxAsrTranscriber
from dayline.asr.pieces import Piece
from dayline.asr.ports import EngineMisconfigured
from dayline.asr.registry import SpeechConfig, load_transcriber
from dayline.asr.whisper_windows import DecodedWindow
from dayline.domain.clip import Clip
from dayline.domain.errors import InvalidRequest, Unavailable


@pytest.fixture
def whisper(models_dir) -> FasterWhisperTranscriber:
    return FasterWhisperTranscriber(str(models_dir / "whisper-tiny"), device="cpu", threads=1)


def window(
    *pieces: tuple[str, float, float], silence: float = 0.1, likely: float = -0.3, text: str = ""
) -> DecodedWindow:
    return DecodedWindow(
        language="en",
        text=text or "".join(p[0] for p in pieces).strip(),
        pieces=tuple(Piece(t, s, e, 0.8) for t, s, e in pieces),
        no_speech_probability=silence,
        log_probability=likely,
    )


class Scripted:
    """Stands where the model's decoder stands and answers window after window."""

    def __init__(self, *answers: DecodedWindow) -> None:
        self._answers = list(answers)
        self.asked: list[list[float]] = []
        self.languages_asked: list[str] = []

    def decode(self, windows, language):
        self.asked.append([round(len(w) / 16000, 2) for w in windows])
        self.languages_asked.append(language)
        nothing = window(text="", silence=0.9)
        return [self._answers.pop(0) if self._answers else nothing for _ in windows]


def test_whisper_answers_are_put_into_their_clips(whisper, noise):
    whisper._decoder = Scripted(
        window((" good", 0.2, 0.6), (" morning", 0.6, 22.9)),
        window((" thanks", 0.6, 1.0), silence=0.9, likely=-1.4),
        window((" far", 500.0, 501.0), (" away", 501.0, 502.0)),
        window(text="no alignment"),
        window(text=""),
    )
    clips = [noise(15.0, at) for at in (100.0, 200.0, 300.0, 400.0, 500.0)]
    first, last = whisper.transcribe(clips, "en")
    assert first.text == "good morning"
    assert 100.0 <= first.words[0].start_seconds <= 100.7
    assert first.end_seconds <= 115.0
    assert (last.text, last.start_seconds, last.end_seconds, last.words) == ("no alignment", 400.0, 415.0, ())
    assert whisper.dropped_lines == 2
    assert whisper.take_non_speech() == {200.0}
    assert whisper.take_non_speech() == frozenset()


def test_whisper_clips_share_a_window_and_words_go_back_to_their_clips(whisper, noise):
    times = [(0.1, 0.5), (2.02, 2.15), (2.15, 2.35), (3.22, 3.3), (3.6, 4.4), (4.95, 5.1)]
    words = (" one", " two", " three", " four", " five", " six")
    whisper._decoder = script = Scripted(window(*((w, *t) for w, t in zip(words, times, strict=True))))
    clips = [noise(2.0, 100.0), noise(1.0, 200.0), noise(1.5, 300.0)]
    heard = whisper.transcribe(clips, "en")
    assert script.asked == [[4.9]]
    assert [u.text for u in heard] == ["one two", "three four", "five six"]
    for clip, utterance in zip(clips, heard, strict=True):
        assert clip.start_seconds <= utterance.start_seconds < utterance.end_seconds <= clip.end_seconds


def test_a_clip_that_lost_its_words_in_a_shared_window_is_heard_again_alone(whisper, noise):
    silent = Clip(np.zeros(16000, np.int16), 400.0)
    tone = Clip((np.sin(np.arange(2 * 16000) * 0.3) * 8000).astype(np.int16), 500.0)
    clips = [noise(2.0, 100.0), noise(1.5, 200.0), noise(0.5, 300.0), silent, tone]
    whisper._decoder = script = Scripted(
        window((" one", 0.1, 0.5), (" two", 0.5, 0.9)),
        window((" you", 0.2, 0.4), (" are", 0.4, 0.6), (" right", 0.6, 1.0)),
    )
    heard = whisper.transcribe(clips, "en")
    assert script.asked == [[6.6], [1.5]]
    assert [u.text for u in heard] == ["one two", "you are right"]
    assert 200.0 <= heard[1].start_seconds < 201.5


def test_a_short_answer_beside_noise_is_judged_by_itself(whisper, noise):
    whisper._decoder = script = Scripted(
        window((" you", 0.1, 0.5), silence=0.8, likely=-1.2),
        window((" yes", 0.2, 0.6)),
        window((" you", 0.1, 0.5), silence=0.8, likely=-1.2),
    )
    heard = whisper.transcribe([noise(2.0, 100.0), noise(3.0, 200.0)], "en")
    assert script.asked == [[5.2], [2.0, 3.0]]
    assert [(u.text, u.words[0].text) for u in heard] == [("yes", "yes")]
    assert whisper.take_non_speech() == {200.0}


def test_whisper_hears_clips_one_by_one_when_their_shared_text_has_no_times(whisper, noise):
    whisper._decoder = script = Scripted(window(text="lines"), window(text="line 0"), window(text="line 1"))
    heard = whisper.transcribe([noise(2.0, 100.0), noise(1.0, 200.0)], "en")
    assert script.asked == [[3.2], [2.0, 1.0]]
    assert [(u.start_seconds, u.text) for u in heard] == [(100.0, "line 0"), (200.0, "line 1")]


def test_pieces_of_a_word_are_glued_before_words_are_made(whisper, noise):
    whisper._decoder = Scripted(
        window((" $1", 0.1, 0.4), (",500", 0.4, 0.9), (" at", 1.0, 1.2), (" 10", 1.2, 1.4), (":30", 1.4, 1.8))
    )
    (heard,) = whisper.transcribe([noise(2.0, 10.0)], "en")
    assert heard.text == "$1,500 at 10:30"
    assert [w.text for w in heard.words] == ["$1,500", "at", "10:30"]


def test_windows_are_filled_but_pieces_of_one_clip_stay_apart(noise):
    def windows(*places: tuple[float, float]) -> list[int]:
        return [len(w) for w in share_windows([noise(seconds, start) for start, seconds in places])]

    assert windows((0.0, 9.0), (10.0, 9.0), (20.0, 9.0), (30.0, 20.0), (60.0, 8.9), (80.0, 30.0)) == [3, 1, 1, 1]
    assert windows((0.0, 9.0), (10.0, 9.0), (20.0, 9.0), (29.5, 0.4), (31.0, 1.0)) == [4, 1]
    assert windows((0.0, 6.0), (6.0, 6.0), (12.0, 2.0), (14.5, 2.0)) == [1, 1, 2]
    assert share_windows([]) == []


def test_no_window_holds_two_languages(whisper, noise, monkeypatch):
    monkeypatch.setattr(whisper, "_is_multilingual", True)
    monkeypatch.setattr(whisper, "_languages", ("en", "de"))
    monkeypatch.setattr(whisper, "_limits", replace(whisper.limits, languages=None))
    german = window((" guten", 0.1, 0.5), (" Tag", 6.5, 7.0))
    whisper._decoder = script = Scripted(german, window((" hello", 0.1, 0.5), (" there", 6.5, 7.0)))
    spoken = iter([{"de": 0.95, "en": 0.05}, {"de": 0.9, "en": 0.1}, {"en": 0.97, "de": 0.03}, {"en": 0.9, "de": 0.1}])
    monkeypatch.setattr(script, "languages", lambda samples: next(spoken), raising=False)
    clips = [noise(6.0, 0.0), noise(5.0, 7.0), noise(6.0, 14.0), noise(5.0, 21.0)]
    result = transcribe_checked(whisper, clips)
    assert script.asked[:2] == [[11.2], [11.2]]
    assert script.languages_asked[:2] == ["de", "en"]
    assert [u.text for u in result.utterances] == ["guten", "Tag", "hello", "there"]
    assert set(result.language_seconds) == {"de", "en"}


def test_whisper_out_of_memory_can_be_tried_again(whisper, noise, monkeypatch):
    def fails(*_):
        raise RuntimeError("CUDA failed with error out of memory at /secret/path")

    monkeypatch.setattr(whisper._decoder, "decode", fails)
    with pytest.raises(Unavailable, match="ran out of memory") as caught:
        whisper.transcribe([noise(1.0)], "en")
    assert "secret" not in caught.value.message


@pytest.fixture
def card_without_libraries(monkeypatch):
    """A card that is seen, takes the model, and fails at the first use: the model is loaded on the CPU in its place."""
    real = faster_whisper._load
    errors = ["Library libcublas.so.12 is not found or cannot be loaded"]

    def load(model, device, compute_type, threads):
        if device == "cpu":
            return real(model, device, compute_type, threads)
        loaded = real(model, "cpu", "int8", threads)

        def encode(features):
            raise RuntimeError(errors[-1])

        monkeypatch.setattr(loaded, "encode", encode)
        return loaded

    monkeypatch.setattr(faster_whisper, "_load", load)
    monkeypatch.setattr(faster_whisper.ctranslate2, "get_cuda_device_count", lambda: 1)
    return errors


def test_a_card_without_its_libraries_is_left_for_the_cpu(models_dir, noise, card_without_libraries, caplog):
    folder = str(models_dir / "whisper-tiny")
    on_cpu = FasterWhisperTranscriber(folder, device="auto", compute_type="float16", threads=1)
    assert "runs on the CPU" in caplog.text
    assert "libcublas.so.12" in caplog.text
    plain = FasterWhisperTranscriber(folder, device="cpu", threads=1)
    assert on_cpu.transcribe([noise(3)], "en") == plain.transcribe([noise(3)], "en")


def test_a_card_that_is_asked_for_and_lacks_its_libraries_is_an_error(models_dir, card_without_libraries):
    with pytest.raises(EngineMisconfigured, match=r"libcublas.so.12.*nvidia-cublas-cu12.*DAYLINE_SPEECH_DEVICE=cpu"):
        FasterWhisperTranscriber(str(models_dir / "whisper-tiny"), device="cuda")


def test_a_full_card_can_be_tried_again(models_dir, card_without_libraries):
    card_without_libraries.append("CUDA failed with error out of memory")
    with pytest.raises(Unavailable, match="memory of the graphics card"):
        FasterWhisperTranscriber(str(models_dir / "whisper-tiny"), device="auto")


def test_a_machine_without_a_card_refuses_cuda_and_takes_the_cpu_by_itself(models_dir, noise, monkeypatch):
    folder = str(models_dir / "whisper-tiny")
    with pytest.raises(EngineMisconfigured, match="cuda"):
        FasterWhisperTranscriber(folder, device="cuda")
    # The library sees a card, and the driver has none: the real library fails when it loads the model.
    monkeypatch.setattr(faster_whisper.ctranslate2, "get_cuda_device_count", lambda: 1)
    assert FasterWhisperTranscriber(folder, device="auto").transcribe([noise(2)], "en") is not None


def test_tokens_become_words(models_dir, noise, monkeypatch):
    engine = load_transcriber(SpeechConfig(engine="onnx-asr", model=str(models_dir / "tiny-parakeet-tdt"), threads=1))
    result = SimpleNamespace(
        text="good morning.",
        tokens=[" go", "od", " morn", "ing", "."],
        timestamps=[0.08, 0.16, 0.48, 0.64, 0.72],
        logprobs=[-0.1, -0.3, 0.0, 0.0, 0.0],
    )
    heard = []
    assert isinstance(engine, OnnxAsrTranscriber)
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
    assert found is not None
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
