"""Captions are files that players accept: times in order, short lines, nothing that breaks the format."""

from __future__ import annotations

import re

from dayline.domain.transcript import Transcript, Utterance, Word
from dayline.sessions.captions import cues, to_srt, to_txt, to_vtt
from dayline.sessions.waveform import waveform_json


def said(text, start, speaker="REP", seconds_per_word=0.5):
    words = tuple(
        Word(w, start + i * seconds_per_word, start + (i + 1) * seconds_per_word) for i, w in enumerate(text.split())
    )
    return Utterance(start, words[-1].end_seconds, text, speaker, None, words)


DAY = Transcript(
    (
        said("good morning missus ortiz we are here for the roof " * 6, 3661.25),
        Utterance(3700.0, 3702.0, "less < more & --> done\n\nnext", None),
    ),
    duration_seconds=4000.0,
)


def test_cues_are_short_and_in_order():
    found = list(cues(DAY))
    assert all(c.end_seconds - c.start_seconds <= 6.0 for c in found)
    assert all(len(c.lines) <= 2 and max(map(len, c.lines)) <= 42 for c in found)
    assert [c.start_seconds for c in found] == sorted(c.start_seconds for c in found)
    assert " ".join(c.text for c in found).startswith(DAY.utterances[0].text.strip())


def test_no_word_stands_alone_at_the_end():
    for count in range(1, 60):
        talk = Transcript((said(" ".join(["word"] * count), 0.0, seconds_per_word=0.3),), 100.0)
        found = list(cues(talk))
        shortest = min(len(c.text.split()) for c in found)
        assert shortest >= min(count, 4), (count, [c.text for c in found])


def test_no_caption_flashes():
    short = Utterance(10.0, 10.3, "Yes.", "REP", None, (Word("Yes.", 10.0, 10.3),))
    later = said("that is a good idea", 20.0)
    (first, _) = cues(Transcript((short, later), 100.0))
    assert first.end_seconds == 11.0
    soon = said("that is a good idea", 10.5)
    assert cues(Transcript((short, soon), 100.0))[0].end_seconds == 10.5


def test_text_without_word_times_is_cut_as_well():
    text = "this is what was said without a single word time in it and it goes on for quite a while " * 3
    found = list(cues(Transcript((Utterance(0.0, 30.0, text, None),), 40.0)))
    assert all(max(map(len, c.lines)) <= 42 and c.end_seconds - c.start_seconds <= 6.0 for c in found)
    assert " ".join(c.text for c in found) == text.strip()
    assert [c.start_seconds for c in found] == sorted(c.start_seconds for c in found)


def test_a_caption_ends_where_a_sentence_does():
    text = "We will bring the new door on Monday and hang it the same day. Then you call me if it still sticks a bit"
    found = cues(Transcript((said(text, 0.0, seconds_per_word=0.25),), 20.0))
    assert [c.text for c in found] == [
        "We will bring the new door on Monday and hang it the same day.",
        "Then you call me if it still sticks a bit",
    ]


def test_words_are_shown_where_the_text_differs_from_them():
    words = tuple(Word(w, at, at + 0.5) for at, w in enumerate(["Five", "thousand", "dollars"]))
    found = cues(Transcript((Utterance(0.0, 3.0, "$5,000", "REP", None, words),), 10.0))
    assert [(c.text, c.start_seconds, c.end_seconds) for c in found] == [("Five thousand dollars", 0.0, 2.5)]


def test_languages_without_blanks_keep_their_writing():
    text = "今日は屋根を見に来ました。見積もりは明日の午前中にお送りしますのでご確認ください。" * 2
    words = tuple(Word(c, i * 0.2, i * 0.2 + 0.2) for i, c in enumerate(text))
    found = list(cues(Transcript((Utterance(0.0, len(text) * 0.2, text, None, None, words),), 100.0)))
    assert "".join("".join(c.lines) for c in found) == text
    assert all(len(line) <= 21 for c in found for line in c.lines)


def test_vtt():
    text = to_vtt(DAY)
    assert text.startswith("WEBVTT\n\n01:01:01.250 --> 01:01:0")
    assert "<v REP>good morning" in text
    assert "less &lt; more &amp; → done next" in text
    assert len(re.findall("-->", text)) == len(list(cues(DAY)))


def test_srt():
    text = to_srt(DAY)
    assert text.startswith("1\n01:01:01,250 --> 01:01:0")
    assert "\nREP: good morning" in text
    numbers = [int(block.split("\n")[0]) for block in text.split("\n\n") if block.strip()]
    assert numbers == list(range(1, len(numbers) + 1))


def test_txt_joins_what_one_voice_says():
    talk = Transcript((said("one two", 0), said("three", 2), said("four", 4, "CUSTOMER")), 10.0)
    assert to_txt(talk) == "[00:00:00] REP: one two three\n[00:00:04] CUSTOMER: four\n"
    assert to_txt(Transcript((), 10.0)) == ""


def test_txt_begins_a_new_line_after_half_a_minute_of_silence():
    joined = Transcript((said("one", 0), said("two", 30)), 80.0)
    assert to_txt(joined) == "[00:00:00] REP: one two\n"
    apart = Transcript((said("one", 0), said("two", 40)), 80.0)
    assert to_txt(apart) == "[00:00:00] REP: one\n[00:00:40] REP: two\n"


def test_waveform_keeps_every_burst():
    import numpy as np

    from dayline.audio.waveform import Peaks

    values = np.zeros(1001, np.uint16)
    values[777] = 32768
    shown = waveform_json(Peaks(0.032, values), 100)
    assert len(shown["peaks"]) <= 100
    assert max(shown["peaks"]) == 1.0
    assert shown["point_seconds"] == round(0.032 * 11, 6)
    assert waveform_json(Peaks(0.032, values[:0]), 100)["peaks"] == []
