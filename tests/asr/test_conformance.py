"""Conformance tests that every engine must pass."""

from __future__ import annotations

import numpy as np
import pytest

from dayline.asr.answer_checks import transcribe_checked
from dayline.asr.ports import CountsDrops, DetectsLanguage
from dayline.asr.registry import SpeechConfig, load_transcriber
from dayline.domain.clip import Clip
from dayline.domain.errors import InvalidRequest
from dayline.domain.word_joining import join_words

ENGINES = [
    "pocketsphinx",
    "faster-whisper",
    "onnx-asr-ctc",
    "onnx-asr-tdt",
    "openai",
    "openai-text",
    "deepgram",
    "fake",
]
_REMOTE = {"openai", "openai-text", "deepgram"}


@pytest.fixture(scope="module")
def loaded():
    """Engines with a model of their own by kind: each is loaded once."""
    engines = {}
    yield engines
    for engine in engines.values():
        _close(engine)


def _close(engine) -> None:
    close = getattr(engine, "close", None)
    if close is not None:
        close()


@pytest.fixture(params=ENGINES)
def engine(request, models_dir, loaded):
    kind = request.param
    if kind in _REMOTE:
        remote = _load(request, kind, models_dir)
        yield remote
        _close(remote)
        return
    if kind not in loaded:
        loaded[kind] = _load(request, kind, models_dir)
    yield loaded[kind]


def _load(request, kind, models_dir):
    models = {"faster-whisper": "whisper-tiny", "onnx-asr-ctc": "tiny-ctc", "onnx-asr-tdt": "tiny-parakeet-tdt"}
    base_url = ""
    if kind in _REMOTE:
        provider = request.getfixturevalue("provider")
        provider.is_verbose = kind != "openai-text"
        base_url = provider.base_url
    engine = kind.removesuffix("-ctc").removesuffix("-tdt").removesuffix("-text")
    return load_transcriber(
        SpeechConfig(
            engine=engine,
            model=models.get(kind, ""),
            models_dir=models_dir,
            api_key="k" if kind in _REMOTE else "",
            base_url=base_url,
            device="cpu",
            threads=1,
        )
    )


def check(utterances, clips) -> None:
    last_start = -1.0
    for u in utterances:
        inside = [
            c for c in clips if c.start_seconds - 0.001 <= u.start_seconds and u.end_seconds <= c.end_seconds + 0.001
        ]
        assert len(inside) == 1, (u.start_seconds, u.end_seconds)
        assert last_start <= u.start_seconds < u.end_seconds
        last_start = u.start_seconds
        assert u.text
        assert u.text == " ".join(u.text.split())
        assert u.confidence is None or 0.0 <= u.confidence <= 1.0
        if u.words:
            assert u.text == join_words(w.text for w in u.words)
        before = u.start_seconds
        for w in u.words:
            assert u.start_seconds <= w.start_seconds < w.end_seconds <= u.end_seconds
            assert before <= w.start_seconds
            before = w.start_seconds
            assert w.text.strip() == w.text != ""
            assert w.confidence is None or 0.0 <= w.confidence <= 1.0


def test_name_and_limits_are_declared(engine):
    kind, _, model = engine.name.partition(":")
    assert kind
    assert model
    limits = engine.limits
    assert 5.0 <= limits.max_clip_seconds <= 60.0
    assert limits.languages is None or limits.languages == ("en",)
    assert limits.is_demo_quality == (kind in ("pocketsphinx", "fake"))
    assert limits.is_remote == (kind in ("openai", "deepgram"))
    assert isinstance(engine, DetectsLanguage) or not limits.is_remote
    assert not isinstance(engine, CountsDrops) or engine.dropped_lines == 0


def test_utterances_are_ordered_and_inside_their_clips(engine, noise):
    clips = [noise(1.0, 10.0), noise(0.5, 12.5), noise(1.5, 3600.25), noise(1.0, 39_999.5)]
    utterances = engine.transcribe(clips, "en")
    check(utterances, clips)
    if not engine.limits.gives_speakers:
        assert len(utterances) <= len(clips)
    if not engine.limits.gives_words:
        assert not any(u.words for u in utterances)
    elif not engine.limits.gives_speakers:
        assert all(u.speaker is None for u in utterances)


def test_no_text_for_silence(engine):
    silence = Clip(np.zeros(5 * 16000, np.int16), 3.0)
    dither = Clip(np.random.default_rng(0).integers(-2, 3, 5 * 16000).astype(np.int16), 9.0)
    blip = Clip(np.full(10, 9000, np.int16), 20.0)
    nothing = Clip(np.zeros(0, np.int16), 30.0)
    assert engine.transcribe([silence, dither, blip, nothing]) == []
    assert engine.transcribe([]) == []


def test_a_clip_over_the_limit_is_refused(engine, noise):
    with pytest.raises(InvalidRequest) as caught:
        engine.transcribe([noise(engine.limits.max_clip_seconds + 1.0)])
    assert caught.value.code == "clip_too_long"


def test_an_unknown_language_is_refused_or_passed_on(engine, noise):
    clip = noise(1.0)
    if engine.limits.languages is None:
        check(engine.transcribe([clip], "fr-CA"), [clip])
    else:
        with pytest.raises(InvalidRequest) as caught:
            engine.transcribe([clip], "fr-CA")
        assert caught.value.code == "language_not_supported"


def test_the_same_clips_give_the_same_text(engine, noise):
    clips = [noise(0.8, 1.0), noise(1.2, 5.0)]
    first = [u.text for u in engine.transcribe(clips, "en")]
    engine.transcribe([noise(1.0, 100.0)], "en")
    assert [u.text for u in engine.transcribe(clips, "en")] == first


def test_a_chunk_of_long_clips_goes_through_checked(engine, noise):
    quiet = np.zeros(int(engine.limits.max_clip_seconds * 16000), np.int16)
    long = Clip(np.concatenate([noise(2.0).samples, quiet, noise(2.5).samples]), 50.0)
    clips = [long, Clip(np.zeros(32000, np.int16), 100.0)]
    chunk = transcribe_checked(engine, clips)
    check(chunk.utterances, [clips[0]])
    assert chunk.engine == engine.name
    assert chunk.is_demo_quality == engine.limits.is_demo_quality
    assert chunk.audio_seconds == pytest.approx(engine.limits.max_clip_seconds + 6.5, abs=0.01)
    assert transcribe_checked(engine, []).utterances == ()
