"""Joining pieces of words as engines write them: split words, whole words beside a line, scripts without blanks."""

from __future__ import annotations

import itertools

import pytest

from dayline.asr.pieces import Piece, words_from_pieces, words_from_text
from dayline.domain.redaction import KINDS, redact
from dayline.domain.transcript import Transcript, Utterance
from dayline.domain.word_joining import join_words


def pieces(*texts: str) -> list[Piece]:
    return [Piece(t, i * 0.5, i * 0.5 + 0.4, 0.9) for i, t in enumerate(texts)]


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ((" $1", ",500", " each"), ["$1,500", "each"]),
        ((" at", " 10", ":30", " a", ".m."), ["at", "10:30", "a.m."]),
        ((" 3", ".5", "%"), ["3.5%"]),
        ((" cold", "-hearted"), ["cold-hearted"]),
        ((" is", " 212", "-555", "-0186."), ["is", "212-555-0186."]),
        (("Hello,", " there"), ["Hello,", "there"]),
        (("Hello", "there", "it", "'s", "1", ",500"), ["Hello", "there", "it's", "1,500"]),
        ((" ", "1", "5", " men"), ["15", "men"]),
        (("你好", "，", "我", "是", "老师", "。"), ["你好，", "我", "是", "老师。"]),
        (("今日", "は", "iPhone", "です"), ["今日", "は", "iPhone", "です"]),
        (("สวัส", "ดี", "ครับ"), ["สวัส", "ดี", "ครับ"]),
        (("សួ", "ស្តី"), ["សួ", "ស្តី"]),
    ],
)
def test_pieces_become_words(written, words):
    made = words_from_pieces(pieces(*written))
    assert [w.text for w in made] == words
    assert all(a.end_seconds <= b.start_seconds for a, b in itertools.pairwise(made))


def test_a_word_lasts_from_its_first_piece_to_its_last():
    first, second = words_from_pieces(pieces(" $1", ",500", " each"))
    assert (first.start_seconds, first.end_seconds, first.confidence) == (0.0, 0.9, 0.9)
    assert second.start_seconds == 1.0


@pytest.mark.parametrize(
    ("text", "written", "words"),
    [
        ("It costs $1,500, right?", ("It", "costs", "1", "500", "right"), ["It", "costs", "$1,500,", "right?"]),
        ("Call 212-555-0186.", ("call", "212", "555", "0186"), ["Call", "212-555-0186."]),
        ("Yes - 5 %!", ("yes", "5"), ["Yes", "5%!"]),
        ("New York", ("NewYork",), ["New", "York"]),
        ("你好。再见", ("你好", "再见"), ["你", "好。", "再", "见"]),
        ("something else", ("no", "match"), ["no", "match"]),
        ("", (), []),
    ],
)
def test_a_line_decides_where_words_begin_and_what_they_carry(text, written, words):
    assert [w.text for w in words_from_text(text, pieces(*written))] == words


def test_times_of_a_shared_piece_are_divided():
    new, york = words_from_text("New York", [Piece("NewYork", 1.0, 1.7)])
    assert (new.start_seconds, york.end_seconds) == (1.0, 1.7)
    assert new.end_seconds == york.start_seconds == pytest.approx(1.3)


def test_another_speaker_begins_another_word():
    a, b = Piece(" so", 0.0, 0.3, 0.9, "S0"), Piece("-so", 0.3, 0.6, 0.9, "S1")
    assert [(w.text, w.speaker) for w in words_from_pieces([a, b])] == [("so", "S0"), ("-so", "S1")]


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["Good", "morning"], "Good morning"),
        (["我", "用", "iPhone", "手机。"], "我用iPhone手机。"),
        (["東京", "です"], "東京です"),
        (["ผม", "ใช้", "iPhone", "ครับ"], "ผมใช้ iPhone ครับ"),
        (["안녕", "하세요"], "안녕 하세요"),
        ([" ", "ສະ", "ບາຍ", ""], "ສະບາຍ"),
    ],
)
def test_words_are_joined_as_their_script_is_written(words, line):
    assert join_words(words) == line


def test_a_slice_keeps_the_script():
    words = tuple(words_from_pieces(pieces("你好", "我", "是", "老师")))
    whole = Transcript((Utterance(0.0, 1.9, join_words(w.text for w in words), words=words),), 2.0)
    assert whole.slice(0.4, 1.6).text == "我是"


def test_a_torn_number_is_redacted():
    made = tuple(words_from_pieces(pieces(" My", " phone", " is", " 212", "-555", "-0186", ".")))
    line = Utterance(0.0, 3.5, join_words(w.text for w in made), words=made)
    (shown,) = redact([line], KINDS)
    assert "0186" not in shown.text
    assert "555" not in " ".join(w.text for w in shown.words)


def test_redaction_puts_no_blanks_into_scripts_without_them():
    made = tuple(words_from_pieces(pieces("我", "的", "电话", "212-555-0186", "谢谢")))
    line = Utterance(0.0, 2.4, join_words(w.text for w in made), words=made)
    (shown,) = redact([line], KINDS)
    assert "0186" not in shown.text
    assert shown.text.startswith("我的电话")
    assert shown.text.endswith("谢谢")
