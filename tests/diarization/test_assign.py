from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dayline.diarization.assign import assign_speakers, engine_turns
from dayline.diarization.speaker_labels import DayVoices, Turn
from dayline.domain.transcript import Transcript, Utterance, Word


def said(*words: tuple[str, float, float], **more) -> Utterance:
    listed = tuple(Word(t, a, b, 0.9) for t, a, b in words)
    return Utterance(
        listed[0].start_seconds, listed[-1].end_seconds, " ".join(w.text for w in listed), words=listed, **more
    )


def transcript(*utterances: Utterance) -> Transcript:
    return Transcript(utterances, duration_seconds=100.0)


def voices(*turns: tuple[float, float, str], sure: float = 0.9, aliases: dict[str, str] | None = None) -> DayVoices:
    return DayVoices(tuple(Turn(a, b, label, sure) for a, b, label in turns), (), 0.9, aliases or {})


def test_an_utterance_of_one_voice_keeps_its_text():
    u = Utterance(1.0, 2.0, "Hello, there!", words=(Word("hello", 1.0, 1.4), Word("there", 1.5, 2.0)))
    (out,) = assign_speakers(transcript(u), voices((0.5, 3.0, "REP"))).utterances
    assert out.text == "Hello, there!"
    assert out.speaker == "REP"
    assert {w.speaker for w in out.words} == {"REP"}


def test_an_utterance_of_two_voices_is_split_at_the_pause_nearby():
    u = said(
        ("how", 1, 1.2),
        ("much", 1.2, 1.5),
        ("is", 1.5, 1.7),
        ("it", 1.7, 2.0),
        ("nine", 2.4, 2.8),
        ("hundred", 2.8, 3.4),
    )
    found = assign_speakers(transcript(u), voices((0, 1.8, "SPEAKER_01"), (1.8, 4, "REP")))
    assert [(x.speaker, x.text) for x in found.utterances] == [
        ("SPEAKER_01", "how much is it"),
        ("REP", "nine hundred"),
    ]
    assert found.utterances[0].end_seconds == 2.0
    assert found.utterances[1].start_seconds == 2.4


def test_a_blink_of_another_voice_is_ignored_unless_it_is_sure():
    u = said(("we", 1, 1.3), ("can", 1.3, 1.6), ("do", 1.6, 1.9), ("that", 1.9, 2.3))
    turns = ((0.0, 1.3, "REP"), (1.3, 1.6, "SPEAKER_01"), (1.6, 3.0, "REP"))
    assert len(assign_speakers(transcript(u), voices(*turns, sure=0.6)).utterances) == 1
    assert len(assign_speakers(transcript(u), voices(*turns, sure=0.95)).utterances) == 3


def test_words_outside_turns_take_the_nearest_voice_and_far_ones_none():
    near, far = said(("yes", 10, 10.3)), said(("no", 50, 50.4))
    found = assign_speakers(transcript(near, far), voices((8.0, 9.5, "REP")))
    assert [u.speaker for u in found.utterances] == ["REP", None]


def test_text_without_words_goes_to_the_voice_with_most_of_it():
    u = Utterance(0.0, 10.0, "all of it")
    (out,) = assign_speakers(transcript(u), voices((0, 3, "REP"), (3, 10, "SPEAKER_01"))).utterances
    assert out.speaker == "SPEAKER_01"


def test_the_recognisers_labels_decide_where_it_gave_some():
    u = said(("fine", 1, 1.5), ("thanks", 1.5, 2), speaker="2/0")
    (out,) = assign_speakers(transcript(u), voices((0, 3, "REP"), aliases={"2/0": "SPEAKER_03"})).utterances
    assert out.speaker == "SPEAKER_03"


def test_turns_of_the_recogniser_join_words_of_one_speaker():
    a = said(("one", 1, 1.5), ("two", 1.6, 2), speaker="0/0")
    b = Utterance(3.0, 4.0, "three", speaker="0/1")
    c = said(("four", 9, 9.5))
    assert [(t.start_seconds, t.end_seconds, t.label) for t in engine_turns(transcript(a, b, c))] == [
        (1, 2, "0/0"),
        (3.0, 4.0, "0/1"),
    ]


def test_without_voices_nothing_changes():
    t = transcript(said(("yes", 10, 10.3)))
    assert assign_speakers(t, DayVoices((), (), None, {})) is t


@given(
    st.lists(st.tuples(st.floats(0.05, 1.5), st.floats(0.0, 2.0)), min_size=1, max_size=25),
    st.lists(
        st.tuples(st.floats(0.1, 4.0), st.floats(0.0, 3.0), st.sampled_from(["REP", "SPEAKER_01", "SPEAKER_02"])),
        max_size=12,
    ),
    st.floats(0.4, 1.0),
)
def test_no_word_is_lost_moved_or_doubled(spoken, turned, sure):
    words, at = [], 0.0
    for i, (length, pause) in enumerate(spoken):
        words.append((f"w{i}", at, at + length))
        at += length + pause
    turns, at = [], 0.0
    for length, pause, label in turned:
        turns.append((at, at + length, label))
        at += length + pause
    out = assign_speakers(transcript(said(*words)), voices(*turns, sure=sure))
    assert [(w.text, w.start_seconds, w.end_seconds) for w in out.words] == words
    for u in out.utterances:
        assert {w.speaker for w in u.words} == {u.speaker}
        assert u.start_seconds <= u.words[0].start_seconds
        assert u.end_seconds >= u.words[-1].end_seconds
