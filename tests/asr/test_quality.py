from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from dayline.asr.answer_checks import transcribe_checked, without_loops
from dayline.asr.clips import active_frames, cut_at_quiet, primary_tag, utterance_in
from dayline.asr.fake import FakeTranscriber
from dayline.asr.ports import Limits
from dayline.domain.clip import Clip
from dayline.domain.errors import InvalidRequest
from dayline.domain.transcript import Utterance, Word


def line(text: str, start: float, end: float) -> Utterance:
    tokens = text.split()
    step = (end - start) / len(tokens)
    words = tuple(Word(t, start + i * step, start + (i + 1) * step, 0.9) for i, t in enumerate(tokens))
    return Utterance(start, end, text, words=words)


class SkippingTranscriber:
    """Says the script, but leaves out what lies in clips longer than it can bear, as real engines do."""

    name = "test:skipping"
    limits = Limits(30.0, None, True, True, False, False)

    def __init__(self, script: FakeTranscriber, bears_seconds: float, keeps_words: int = 0) -> None:
        self._script, self._bears_seconds, self._keeps_words = script, bears_seconds, keeps_words
        self.calls = 0

    def transcribe(self, clips: Sequence[Clip], language: str | None = None) -> list[Utterance]:
        self.calls += 1
        found = []
        for clip in clips:
            for u in self._script.transcribe([clip]):
                if clip.end_seconds - clip.start_seconds <= self._bears_seconds:
                    found.append(u)
                elif self._keeps_words:
                    found.append(utterance_in(clip, u.words[: self._keeps_words]))
        return found


class RepeatingTranscriber:
    """Answers every clip with the same lines."""

    name = "test:repeating"
    limits = Limits(30.0, None, True, True, False, False)

    def __init__(self, *lines: Utterance) -> None:
        self._lines = list(lines)

    def transcribe(self, clips: Sequence[Clip], language: str | None = None) -> list[Utterance]:
        return [u for c in clips for u in self._lines if c.start_seconds <= u.start_seconds < c.end_seconds]


@pytest.mark.parametrize("keeps_words", [0, 3, 12])
def test_silently_dropped_speech_is_tried_again_in_pieces(noise, keeps_words):
    script = FakeTranscriber([Word(f"w{i}", 100 + i * 0.5, 100.4 + i * 0.5, 0.9) for i in range(40)])
    engine = SkippingTranscriber(script, bears_seconds=8.5, keeps_words=keeps_words)
    chunk = transcribe_checked(engine, [noise(20.0, 100.0)])
    assert chunk.retried_clips == 1
    assert [w.text for u in chunk.utterances for w in u.words] == [f"w{i}" for i in range(40)]
    assert chunk.dropped_lines == 0


def test_a_retry_happens_once_and_keeps_what_there_was(noise):
    engine = SkippingTranscriber(FakeTranscriber([Word("yes", 100.2, 100.5)]), bears_seconds=0.1, keeps_words=1)
    chunk = transcribe_checked(engine, [noise(20.0, 100.0)])
    assert [u.text for u in chunk.utterances] == ["yes"]
    assert chunk.retried_clips == 1
    assert engine.calls == 2


def test_short_clips_and_good_answers_are_not_tried_again(noise):
    chunk = transcribe_checked(FakeTranscriber(), [noise(20.0, 1.0), noise(1.0, 30.0)])
    assert chunk.retried_clips == 0
    assert len(chunk.utterances) == 2
    assert transcribe_checked(FakeTranscriber([]), [noise(2.0)]).retried_clips == 0


def test_text_over_silence_and_steady_noise_is_dropped_and_counted(noise):
    silence = Clip(np.zeros(5 * 16000, np.int16), 0.0)
    engine_hum = (np.random.default_rng(0).normal(size=5 * 16000) * 800).astype(np.int16)
    talk_then_silence = Clip(np.concatenate([noise(3.0).samples, np.zeros(5 * 16000, np.int16)]), 20.0)
    engine = RepeatingTranscriber(
        line("thanks for watching", 1.0, 3.0),
        line("thanks for listening", 11.0, 14.0),
        line("good morning", 20.5, 22.0),
        line("see you next time", 25.0, 27.0),
    )
    chunk = transcribe_checked(engine, [silence, Clip(engine_hum, 10.0), talk_then_silence])
    assert [u.text for u in chunk.utterances] == ["good morning"]
    assert chunk.dropped_lines == 3


def test_credits_of_subtitles_are_dropped_over_audible_sound(noise):
    engine = RepeatingTranscriber(
        line("Untertitel der Amara.org-Community", 0.5, 2.5), line("good morning to you", 2.6, 3.8)
    )
    chunk = transcribe_checked(engine, [noise(4.0)])
    assert [u.text for u in chunk.utterances] == ["good morning to you"]
    assert chunk.dropped_lines == 1


def test_a_loop_inside_of_a_word_is_dropped(noise):
    engine = RepeatingTranscriber(line("2-3-4" + "-4" * 60, 0.5, 2.5), line("good morning to you", 2.6, 3.8))
    chunk = transcribe_checked(engine, [noise(4.0)])
    assert [u.text for u in chunk.utterances] == ["good morning to you"]
    assert chunk.dropped_lines == 1


def test_counting_is_no_loop(noise):
    counted = " ".join(f"number {n}" for n in range(100, 140))
    chunk = transcribe_checked(RepeatingTranscriber(line(counted, 0.2, 19.8)), [noise(20.0)])
    assert [u.text for u in chunk.utterances] == [counted]


def test_more_words_than_a_mouth_can_say_are_dropped(noise):
    chunk = transcribe_checked(RepeatingTranscriber(line("so " + "very much of this " * 8, 0.1, 0.9)), [noise(1.0)])
    assert chunk.utterances == ()
    assert chunk.dropped_lines >= 1


def test_loops_are_cut_or_dropped_and_counted():
    tail = line("we can start on monday " + "thank you " * 6, 0.0, 8.0)
    rest, loops = without_loops(tail)
    assert (rest, loops) == (None, 1)
    long = line(
        "the price of the roof is nine thousand and that includes the gutter and all of it okay " + "no " * 8, 0, 12
    )
    rest, loops = without_loops(long)
    assert loops == 1
    assert rest is not None
    assert rest.text.endswith("okay no")
    assert rest.text == " ".join(w.text for w in rest.words)
    assert rest.end_seconds == rest.words[-1].end_seconds
    plain_text = Utterance(0.0, 9.0, long.text)
    shorter, _ = without_loops(plain_text)
    assert shorter is not None
    assert shorter.text == rest.text


@pytest.mark.parametrize(
    "text", ["no no no no that is not it", "yes yes I see yes", "very very good", "one two one two one two"]
)
def test_people_may_repeat_themselves(text):
    utterance = line(text, 0.0, 3.0)
    assert without_loops(utterance) == (utterance, 0)


def test_the_language_is_voted_per_group_and_never_asked_when_known(noise):
    engine = FakeTranscriber(language="de")
    assert transcribe_checked(engine, [noise(1.0)]).language == "de"
    assert engine.calls[-1][1] == "de"
    assert transcribe_checked(engine, [noise(1.0)], "pt-BR").language == "pt"
    assert engine.calls[-1][1] == "pt"
    with pytest.raises(InvalidRequest):
        transcribe_checked(_EnglishOnly(), [noise(1.0)], "de")
    assert transcribe_checked(_EnglishOnly(), [noise(1.0)]).language == "en"


class Bilingual(FakeTranscriber):
    """Hears German before 100 s and English after it."""

    def detect_languages(self, clips: Sequence[Clip]) -> list[str | None]:
        return ["de" if c.start_seconds < 100 else "en" for c in clips]


def test_clips_of_two_languages_go_to_the_engine_apart(noise):
    engine = Bilingual()
    clips = [noise(2.0, 10.0), noise(5.0, 110.0), noise(2.0, 20.0)]
    result = transcribe_checked(engine, clips)
    assert [([c.start_seconds for c in asked], tag) for asked, tag in engine.calls] == [
        ([10.0, 20.0], "de"),
        ([110.0], "en"),
    ]
    assert [u.start_seconds for u in result.utterances] == [10.0, 20.0, 110.0]
    assert result.language == "en"
    assert result.language_seconds["en"] > result.language_seconds["de"] > 0


class SilentTranscriber(RepeatingTranscriber):
    """Holds every clip for non-speech, or says nothing about it."""

    dropped_lines = 0

    def __init__(self, *, says_so: bool) -> None:
        super().__init__()
        self._says_so, self.calls = says_so, 0

    def transcribe(self, clips: Sequence[Clip], language: str | None = None) -> list[Utterance]:
        self.calls += 1
        return []

    def take_non_speech(self) -> frozenset[float]:
        return frozenset({5.0}) if self._says_so else frozenset()


def test_sound_that_the_engine_holds_for_non_speech_is_not_tried_again(noise):
    sure, unsure = SilentTranscriber(says_so=True), SilentTranscriber(says_so=False)
    assert transcribe_checked(sure, [noise(10.0, 5.0)], "en").retried_clips == 0
    assert transcribe_checked(unsure, [noise(10.0, 5.0)], "en").retried_clips == 1
    assert (sure.calls, unsure.calls) == (1, 2)


class _EnglishOnly(RepeatingTranscriber):
    limits = Limits(30.0, ("en",), True, True, False, False)


def test_clips_are_cut_at_the_quietest_spot(noise):
    pause = np.zeros(8000, np.int16)
    clip = Clip(np.concatenate([noise(9.0).samples, pause, noise(9.0).samples]), 50.0)
    first, second = cut_at_quiet(clip, 10.0)
    assert 59.0 <= first.end_seconds <= 59.5
    assert first.end_seconds == pytest.approx(second.start_seconds)
    assert np.array_equal(np.concatenate([first.samples, second.samples]), clip.samples)
    assert cut_at_quiet(clip, 30.0)[0] is not clip
    assert all(len(c.samples) <= 20 * 16000 for c in cut_at_quiet(noise(61.0), 20.0))


def test_words_are_clamped_sorted_and_dropped():
    clip = Clip(np.zeros(16000 * 2, np.int16), 10.0)
    words = [
        Word("late", 11.9, 14.0, 0.5),
        Word("early", 9.5, 10.4, 1.0),
        Word("lost", 20.0, 21.0),
        Word(" ", 10.5, 11),
    ]
    utterance = utterance_in(clip, words)
    assert utterance is not None
    assert utterance.text == "early late"
    assert (utterance.start_seconds, utterance.end_seconds) == (10.0, 12.0)
    assert utterance.confidence == 0.75
    assert utterance_in(clip, words[2:]) is None


def test_activity_follows_level(noise):
    assert not active_frames(np.zeros(32000, np.int16)).any()
    mixed = np.concatenate([noise(2.0).samples, np.zeros(32000, np.int16)])
    active = active_frames(mixed)
    assert active[:100].mean() > 0.7
    assert not active[100:].any()
    assert len(active_frames(np.zeros(100, np.int16))) == 0
    assert (primary_tag("EN_us"), primary_tag(""), primary_tag(None)) == ("en", None, None)
