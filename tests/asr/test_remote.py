from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import numpy as np
import pytest

from dayline.asr.answer_checks import transcribe_checked
from dayline.asr.ports import EngineMisconfigured
from dayline.asr.remote.deepgram import DeepgramTranscriber
from dayline.asr.remote.openai_compatible import OpenAICompatibleTranscriber
from dayline.domain.clip import Clip
from dayline.domain.errors import Unavailable
from dayline.domain.word_joining import join_words

from . import provider as misdeeds
from .provider import RecordedRequest

KEY = "sk-very-secret"


@pytest.fixture(params=["openai", "deepgram"])
def make(request, provider):
    made = []

    def build(**options):
        kind = OpenAICompatibleTranscriber if request.param == "openai" else DeepgramTranscriber
        defaults = {"base_url": provider.base_url, "api_key": KEY, "model": "m-1"}
        made.append(kind(**{**defaults, "attempts": 3, "first_pause_seconds": 0.01, **options}))
        return made[-1]

    yield build
    for transcriber in made:
        transcriber.close()


@pytest.fixture
def openai(provider):
    transcriber = OpenAICompatibleTranscriber(base_url=provider.base_url, api_key=KEY, model="m-1", attempts=1)
    yield transcriber
    transcriber.close()


@pytest.fixture
def deepgram(provider):
    transcriber = DeepgramTranscriber(base_url=provider.base_url, api_key=KEY, model="nova-3", attempts=1)
    yield transcriber
    transcriber.close()


@pytest.mark.parametrize(
    "misdeed",
    [
        misdeeds.status(500),
        misdeeds.status(503),
        misdeeds.status(429),
        misdeeds.half_an_answer,
        misdeeds.broken_json,
        misdeeds.wrong_shape,
        misdeeds.nested_too_deeply,
        misdeeds.beyond_a_double,
    ],
)
def test_a_stumble_is_tried_again(make, provider, noise, misdeed):
    provider.misdeeds = [misdeed, misdeed]
    assert make().transcribe([noise(1.0, 5.0)], "en")[0].text == "word0, word1,"
    assert len(provider.asked) == 3


def test_a_provider_that_stays_down_is_unavailable_and_not_quoted(make, provider, noise):
    provider.misdeeds = [misdeeds.status(500)] * 9
    with pytest.raises(Unavailable) as caught:
        make().transcribe([noise(1.0)], "en")
    assert len(provider.asked) == 3
    assert "HTTP 500" in caught.value.message
    assert "stranger" not in caught.value.message
    assert KEY not in repr(caught.value)


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_is_heeded(make, provider, noise, form):
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=2.5), usegmt=True)
    provider.misdeeds = [misdeeds.status(429, Retry_After="1" if form == "seconds" else moment)]
    make().transcribe([noise(1.0)], "en")
    first, second = provider.asked
    assert second.at - first.at >= 0.95


def test_a_retry_after_beyond_patience_ends_at_once(make, provider, noise):
    provider.misdeeds = [misdeeds.status(429, Retry_After="7200")] * 3
    with pytest.raises(Unavailable):
        make().transcribe([noise(1.0)], "en")
    assert len(provider.asked) == 1


@pytest.mark.parametrize("misdeed", [misdeeds.hangs, misdeeds.drips])
def test_slow_answers_end(make, provider, noise, misdeed):
    provider.misdeeds = [misdeed] * 2
    started = time.monotonic()
    with pytest.raises(Unavailable, match="in time"):
        make(timeout_seconds=0.4, attempts=2).transcribe([noise(1.0)], "en")
    assert time.monotonic() - started < 20


@pytest.mark.parametrize(
    ("code", "word"), [(401, "key"), (403, "key"), (402, "payment"), (404, "base URL"), (307, "redirects")]
)
def test_a_refusal_is_not_tried_again(make, provider, noise, code, word):
    provider.misdeeds = [misdeeds.status(code, Location="https://example.org/")] * 3
    with pytest.raises(EngineMisconfigured, match=word):
        make().transcribe([noise(1.0)], "en")
    assert len(provider.asked) == 1


def test_nobody_there_is_unavailable(make, noise):
    with pytest.raises(Unavailable, match="connection"):
        make(base_url="http://127.0.0.1:9/v1", attempts=2).transcribe([noise(1.0)], "en")
    with pytest.raises(EngineMisconfigured):
        make(base_url="127.0.0.1/v1")


def test_language_is_voted_and_no_clip_is_paid_for_twice(make, provider, noise):
    provider.language = "german"
    chunk = transcribe_checked(make(), [noise(2.0, 1.0), noise(1.0, 9.0)])
    assert chunk.language == "de"
    assert len(chunk.utterances) >= 2
    sent = sum(len(a.audio) for a in provider.asked)
    assert sent < 4.5 * 16000
    assert "language" not in provider.asked[0].fields


def test_openai_request_and_words(openai, provider, noise):
    clips = [noise(1.0, 100.0), noise(1.5, 110.0)]
    utterances = openai.transcribe(clips, "en-US")
    asked = provider.asked[0]
    assert asked.path == "/v1/audio/transcriptions"
    assert asked.headers["Authorization"] == f"Bearer {KEY}"
    assert asked.fields["model"] == ["m-1"]
    assert asked.fields["language"] == ["en"]
    assert asked.fields["timestamp_granularities[]"] == ["word", "segment"]
    assert np.array_equal(asked.audio, clips[0].samples)
    assert [w.text for w in utterances[1].words] == ["word0,", "word1,", "word2,"]
    assert utterances[1].words[1].start_seconds == 110.5


def test_openai_servers_without_details_give_text(openai, provider, noise):
    provider.is_verbose = False
    assert openai.limits.gives_words
    utterances = openai.transcribe([noise(1.0, 3.0), noise(2.0, 8.0)], "en")
    assert [(u.start_seconds, u.end_seconds, u.words) for u in utterances] == [(3.0, 4.0, ()), (8.0, 10.0, ())]
    assert not openai.limits.gives_words
    assert len(provider.asked) == 3


def test_openai_verbose_without_words_keeps_the_text(openai, provider, noise):
    provider.gives_words = False
    assert openai.transcribe([noise(1.0, 3.0)], "en")[0].text == "word0, word1,"


def test_openai_lines_over_non_speech_are_dropped_and_counted(openai, provider, noise):
    provider.no_speech_probability = 0.9
    assert openai.transcribe([noise(1.0)], "en") == []
    assert openai.dropped_lines == 1


def test_deepgram_sends_one_recording_and_keeps_clocks_and_voices(deepgram, provider, noise):
    clips = [noise(2.0, 100.0), Clip(np.zeros(16000, np.int16), 150.0), noise(1.0, 5000.0)]
    utterances = deepgram.transcribe(clips, "en")
    assert len(provider.asked) == 1
    asked = provider.asked[0]
    assert asked.headers["Authorization"] == f"Token {KEY}"
    assert asked.fields["diarize"] == ["true"]
    assert asked.fields["language"] == ["en"]
    assert "detect_language" not in asked.fields
    assert [(u.start_seconds, u.end_seconds, u.speaker) for u in utterances] == [
        (100.0, 101.0, "S0"),
        (101.0, 102.0, "S1"),
        (5000.0, 5000.5, "S0"),
        (5000.5, 5001.0, "S1"),
    ]
    assert utterances[0].words[0].confidence == 0.97


def test_deepgram_needs_a_key(provider):
    with pytest.raises(EngineMisconfigured, match="key"):
        DeepgramTranscriber(api_key="", base_url=provider.base_url)


def spelled(text: str, *words: str, language: str = "english", **more: object) -> dict:
    """An answer in OpenAI's shape whose words are half a second each."""
    listed = [{"word": w, "start": i * 0.5, "end": i * 0.5 + 0.4, **more} for i, w in enumerate(words)]
    return {"text": text, "language": language, "segments": [], "words": listed}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        # Whisper-1: words without punctuation, numbers in halves.
        (spelled("It's $1,500 a piece.", "It's", "1", "500", "a", "piece"), ["It's", "$1,500", "a", "piece."]),
        # Servers built on faster-whisper: pieces with the blank before a word.
        (spelled(" Call 212-555-0186.", " Call", " 212", "-555", "-0186."), ["Call", "212-555-0186."]),
        # Words that do not spell the text: taken as they are.
        (spelled("Something else", " at", " 10", ":30"), ["at", "10:30"]),
        (spelled("你好，世界", "你好", "世界", language="chinese"), ["你", "好，", "世", "界"]),
    ],
)
def test_openai_servers_words_are_whole(openai, provider, noise, monkeypatch, answer, words):
    monkeypatch.setattr(provider, "answer", lambda _: answer)
    (utterance,) = openai.transcribe([noise(3.0, 100.0)], "en")
    assert [w.text for w in utterance.words] == words
    assert utterance.text == join_words(words)
    assert utterance.words[0].start_seconds == 100.0


def test_openai_clips_of_another_language_are_asked_again_only_where_the_server_guessed_wrong(
    openai, provider, noise, monkeypatch
):
    short = len(noise(0.8).samples)

    def answer(asked: RecordedRequest) -> dict:
        # Clips are sent side by side, so the language depends on the clip and not on the order of arrival.
        is_wrong = len(asked.audio) == short and "language" not in asked.fields
        return spelled("one two", "one", "two", language="turkish" if is_wrong else "english")

    monkeypatch.setattr(provider, "answer", answer)
    result = transcribe_checked(openai, [noise(3.0, 0.0), noise(0.8, 4.0), noise(3.0, 6.0)])
    assert [a.fields.get("language") for a in provider.asked] == [None, None, None, ["en"]]
    assert len(provider.asked[3].audio) == short
    assert (result.language, len(result.utterances)) == ("en", 3)


def test_deepgrams_words_carry_their_punctuation_and_keep_scripts_without_blanks(
    deepgram, provider, noise, monkeypatch
):
    def answer(*words: str) -> dict:
        listed = [
            {"word": w.lower(), "punctuated_word": w, "start": i * 0.5, "end": i * 0.5 + 0.4, "confidence": 0.9}
            for i, w in enumerate(words)
        ]
        alternative = {"transcript": " ".join(words), "confidence": 0.9, "words": listed}
        return {"metadata": {}, "results": {"channels": [{"alternatives": [alternative]}]}}

    monkeypatch.setattr(provider, "answer", lambda _: answer("It's", "$1,500", "at", "10:30."))
    (utterance,) = deepgram.transcribe([noise(3.0)], "en")
    assert utterance.text == "It's $1,500 at 10:30."
    monkeypatch.setattr(provider, "answer", lambda _: answer("你好", "世界"))
    (utterance,) = deepgram.transcribe([noise(3.0)], "zh")
    assert (utterance.text, len(utterance.words)) == ("你好世界", 2)
