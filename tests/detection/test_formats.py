"""Transcripts of other tools, speaker labels and detected days, read and written as files."""

from __future__ import annotations

import json

import av
import pytest

from dayline.detection import detect
from dayline.detection.formats import (
    day_to_json,
    parse_transcript,
    read_rttm,
    read_transcript,
    with_speakers,
    write_day,
)
from dayline.domain.transcript import Transcript, Utterance, Word
from dayline.scoring.report import transcript_json
from dayline.sessions.captions import to_srt, to_vtt

SPOKEN = Transcript(
    (
        Utterance(
            1.0,
            2.5,
            "Good morning & welcome.",
            "REP",
            None,
            (
                Word("Good", 1.0, 1.3, 0.9, "REP"),
                Word("morning", 1.3, 1.8, 0.8, "REP"),
                Word("&", 1.8, 1.9, 0.5, "REP"),
                Word("welcome.", 1.9, 2.5, 0.9, "REP"),
            ),
        ),
        Utterance(3.0, 4.25, "Come in, <please>.", "SPEAKER_01"),
    ),
    duration_seconds=90.0,
)


def test_the_apis_own_json_comes_back_with_words_and_speakers():
    read = parse_transcript(json.dumps(transcript_json(SPOKEN)))
    assert [(u.start_seconds, u.end_seconds, u.text, u.speaker) for u in read.utterances] == [
        (1.0, 2.5, "Good morning & welcome.", "REP"),
        (3.0, 4.25, "Come in, <please>.", "SPEAKER_01"),
    ]
    assert [w.text for w in read.utterances[0].words] == ["Good", "morning", "&", "welcome."]
    assert read.duration_seconds == 90.0


@pytest.mark.parametrize("write", [to_vtt, to_srt])
def test_own_captions_come_back_with_speakers_and_signs(write):
    read = parse_transcript(write(SPOKEN), duration_seconds=90.0)
    assert [(u.speaker, u.text) for u in read.utterances] == [
        ("REP", "Good morning & welcome."),
        ("SPEAKER_01", "Come in, <please>."),
    ]
    assert read.utterances[1].start_seconds == 3.0


def test_whisper_json():
    data = {
        "text": " Hello there.",
        "segments": [
            {
                "start": 0.5,
                "end": 1.5,
                "text": " Hello there.",
                "words": [
                    {"word": " Hello", "start": 0.5, "end": 0.9, "probability": 0.7},
                    {"word": " there.", "start": 0.9, "end": 1.5, "probability": 0.6},
                ],
            }
        ],
        "language": "en",
    }
    (utterance,) = parse_transcript(json.dumps(data)).utterances
    assert utterance.text == "Hello there."
    assert [(w.text, w.confidence) for w in utterance.words] == [("Hello", 0.7), ("there.", 0.6)]


def test_whisperx_json_with_a_word_that_the_aligner_could_not_place():
    data = {
        "segments": [
            {
                "start": 2.0,
                "end": 3.0,
                "text": "It is 1,200",
                "speaker": "SPEAKER_00",
                "words": [
                    {"word": "It", "start": 2.0, "end": 2.2, "score": 0.9, "speaker": "SPEAKER_00"},
                    {"word": "is", "start": 2.2, "end": 2.4, "score": 0.9, "speaker": "SPEAKER_00"},
                    {"word": "1,200"},
                ],
            }
        ],
        "word_segments": [],
    }
    (utterance,) = parse_transcript(json.dumps(data)).utterances
    assert utterance.text == "It is 1,200"
    assert [w.text for w in utterance.words] == ["It", "is"]
    assert utterance.speaker == "SPEAKER_00"


def test_rttm_labels_go_to_the_voice_that_speaks_most(tmp_path):
    path = tmp_path / "day.rttm"
    path.write_text(
        "SPEAKER day 1 0.80 1.20 <NA> <NA> alice <NA> <NA>\n"
        "SPEAKER day 1 2.00 2.10 <NA> <NA> bob <NA> <NA>\n"
        "SPKR-INFO day 1 <NA> <NA> <NA> unknown bob <NA> <NA>\n"
    )
    labelled = with_speakers(SPOKEN, read_rttm(path))
    assert [u.speaker for u in labelled.utterances] == ["alice", "bob"]


def test_an_utterance_under_no_turn_keeps_its_label(tmp_path):
    path = tmp_path / "day.rttm"
    path.write_text("SPEAKER day 1 50.0 1.0 <NA> <NA> alice <NA> <NA>\n")
    assert [u.speaker for u in with_speakers(SPOKEN, read_rttm(path)).utterances] == ["REP", "SPEAKER_01"]


def test_a_short_turn_after_a_long_one_is_found(tmp_path):
    path = tmp_path / "day.rttm"
    path.write_text("SPEAKER d 1 0 80 <NA> <NA> tv <NA> <NA>\n" + "SPEAKER d 1 5 0.1 <NA> <NA> x <NA> <NA>\n" * 5)
    assert [u.speaker for u in with_speakers(SPOKEN, read_rttm(path)).utterances] == ["tv", "tv"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("once upon a time", "no transcript that can be read"),
        ('{"foo": 1}', "neither `utterances`"),
        ('{"segments": [{"start": 1}]}', "Segment 0 has no `text`"),
        ('{"segments": [{"text": "a", "start": NaN, "end": 2}]}', "start of segment 0"),
        ('{"segments": [{"text": "a", "start": 3, "end": 2}]}', "before it starts"),
        ('{"segments": [', "not valid JSON"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_is_expected(text, words):
    with pytest.raises(ValueError, match=words):
        parse_transcript(text)


def test_a_broken_rttm_line_is_named(tmp_path):
    path = tmp_path / "day.rttm"
    path.write_text("SPEAKER day 1 0.8\n")
    with pytest.raises(ValueError, match="Line 1 of"):
        read_rttm(path)


def test_the_length_of_the_recording_is_accounted_for(tmp_path):
    path = tmp_path / "day.srt"
    path.write_text(to_srt(SPOKEN))
    day = detect(read_transcript(path, duration_seconds=600.0))
    assert day.timeline[-1].end_seconds == 600.0


def test_a_day_is_written_as_json(tmp_path):
    day = detect(SPOKEN)
    write_day(day, tmp_path / "day.json")
    written = json.loads((tmp_path / "day.json").read_text())
    assert written == day_to_json(day)
    assert sum(s["end_seconds"] - s["start_seconds"] for s in written["timeline"]) == pytest.approx(90.0)


@pytest.mark.parametrize(("write", "name", "form"), [(to_vtt, "day.vtt", "webvtt"), (to_srt, "day.srt", "srt")])
def test_ffmpeg_reads_our_captions(tmp_path, write, name, form):
    path = tmp_path / name
    path.write_text(write(SPOKEN))
    with av.open(str(path), format=form) as container:
        packets = [p for p in container.demux() if p.size]
    starts = [p.pts * p.time_base for p in packets if p.pts is not None and p.time_base is not None]
    assert [round(float(start), 2) for start in starts] == [1.0, 3.0]
    assert len(starts) == len(packets)
