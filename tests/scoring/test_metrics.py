from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dayline.domain.transcript import Transcript, Utterance, Word
from dayline.scoring.conversation import Conversation
from dayline.scoring.metrics import measure


def said(start: float, text: str, speaker: str | None, step: float = 0.5) -> Utterance:
    words = tuple(Word(w, start + i * step, start + i * step + step, None, speaker) for i, w in enumerate(text.split()))
    return Utterance(start, words[-1].end_seconds, text, speaker, None, words)


def test_figures_of_a_small_dialogue() -> None:
    day = Transcript(
        (
            said(100.0, "um do you own the app", "A"),  # 6 words, 3 s
            said(104.0, "yes since ninety four we do", "B"),  # 6 words, 3 s
            said(109.0, "great you know the roof uh needs work", "A"),  # 8 words, 4 s
            said(113.5, "okay", "B"),
            said(115.0, "what would help you", "A"),  # 4 words, 2 s
        ),
        20.0,
        start_seconds=100.0,
    )
    m = measure(day, "A")
    assert m.questions_asked == 2
    assert m.filler_word_count == 3  # um, you know, uh
    assert m.words_per_minute == pytest.approx(120.0)
    assert m.talk_ratio == pytest.approx(9.0 / 12.5, abs=1e-3)
    assert m.longest_monologue_seconds == pytest.approx(8.0)  # "okay" does not end it
    assert m.interactivity == pytest.approx(4 / (12.5 / 60), abs=0.01)
    assert m.patience_seconds == pytest.approx((2.0 + 1.0) / 2)


def test_metrics_kept_by_an_analysis_are_those_that_are_measured() -> None:
    said_by_two = (said(0.0, "do you own the app", "A"), said(4.0, "yes since ninety four", "B"))
    analysed, measured = Transcript(said_by_two, 8.0), Transcript(said_by_two, 8.0)
    of_analysis = {label: Conversation(analysed, label).metrics for label in ("A", "B", None)}
    for label, metrics in of_analysis.items():
        assert metrics == measure(analysed, label) == measure(measured, label)
    assert of_analysis["A"] != of_analysis["B"] != of_analysis[None]


def test_without_labels_only_what_needs_none_is_given() -> None:
    day = Transcript((said(0.0, "do you want one", None), said(3.0, "what does it cost", None)), 6.0)
    m = measure(day, None)
    assert m.questions_asked == 2
    assert m.words_per_minute == pytest.approx(120.0)
    assert (m.talk_ratio, m.longest_monologue_seconds, m.interactivity, m.patience_seconds) == (None,) * 4


def test_a_label_that_nobody_has_is_no_label() -> None:
    day = Transcript((said(0.0, "do you want one", "A"), said(3.0, "what does it cost", "B")), 6.0)
    m = measure(day, "rep")
    assert m.questions_asked == 2
    assert m.talk_ratio is None
    assert m.interactivity is not None


def test_silence_has_no_figures() -> None:
    m = measure(Transcript((), 60.0), "A")
    assert (m.questions_asked, m.filler_word_count, m.words_per_minute, m.talk_ratio) == (0, 0, 0.0, None)


def test_one_sided_talk() -> None:
    m = measure(Transcript((said(0.0, "hello is anybody home", "A"),), 5.0), "A")
    assert m.talk_ratio == 1.0
    assert m.patience_seconds is None


def test_text_without_word_times_gives_the_same_counts(dialogue, make) -> None:
    text = dialogue("strong_pest")
    with_words, without = measure(make(text), "rep"), measure(make(text, words=False), "rep")
    assert with_words.questions_asked == without.questions_asked
    assert with_words.filler_word_count == without.filler_word_count
    assert with_words.talk_ratio == pytest.approx(without.talk_ratio, abs=0.02)


utterance = st.builds(
    lambda gap, text, who: (gap, text, who),
    st.floats(0, 30),
    st.text(alphabet="do you know um uh what is it-'.?$%é ", min_size=0, max_size=60),
    st.sampled_from(["A", "B", "C", None]),
)


@settings(deadline=None)
@given(st.lists(utterance, max_size=12), st.sampled_from(["A", "Z", None]), st.booleans())
def test_figures_are_sane_for_any_speech(items, rep, has_words) -> None:
    at = 0.0
    spoken: list[Utterance] = []
    for gap, text, who in items:
        at += gap
        words = tuple(Word(w, at + i * 0.3, at + i * 0.3 + 0.3, None, who) for i, w in enumerate(text.split()))
        end = words[-1].end_seconds if words else at + 1.0
        spoken.append(Utterance(at, end, text, who, None, words if has_words else ()))
        at = end
    m = measure(Transcript(tuple(spoken), at), rep)
    assert m.questions_asked >= 0
    assert m.filler_word_count >= 0
    assert m.words_per_minute >= 0
    assert m.talk_ratio is None or 0 <= m.talk_ratio <= 1
    for value in (m.longest_monologue_seconds, m.interactivity, m.patience_seconds):
        assert value is None or value >= 0
