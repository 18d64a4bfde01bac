"""The real encoder on the sample day: six voices, ten minutes, the rep in every conversation."""

from __future__ import annotations

from collections import defaultdict

import pytest

from dayline.diarization.enrolment import VoicePrint, enroll, is_same_voice, likeness, vector_for
from dayline.diarization.speaker_labels import DayVoices, diarize_day
from dayline.domain.errors import InvalidRecording


def seconds_by_label(sample_day, found: DayVoices) -> dict[str, dict[str, float]]:
    out: dict[str, dict[str, float]] = {}
    for clip, who in zip(sample_day.clips, sample_day.voices, strict=True):
        for t in found.turns:
            shared = min(t.end_seconds, clip.end_seconds) - max(t.start_seconds, clip.start_seconds)
            if shared > 0:
                heard = out.setdefault(who, defaultdict(float))
                heard[t.label] += shared
    return out


def test_the_rep_and_every_other_voice_are_found(sample_day):
    found = diarize_day(sample_day.windows)
    heard = seconds_by_label(sample_day, found)
    assert heard["rep"]["REP"] / sum(heard["rep"].values()) > 0.97
    assert sum(c["REP"] for who, c in heard.items() if who != "rep") / sum(heard["rep"].values()) < 0.03
    main = {who: max(c, key=c.__getitem__) for who, c in heard.items()}
    assert len(set(main.values())) == len(main) == 6


def test_an_enrolled_rep_is_found_by_the_print(embedder, sample_day):
    mine = [c for c, who in zip(sample_day.clips, sample_day.voices, strict=True) if who == "rep"][:4]
    print_ = enroll(embedder, mine)
    found = diarize_day(sample_day.windows, enrolled=vector_for(print_, sample_day.windows))
    heard = seconds_by_label(sample_day, found)
    assert heard["rep"]["REP"] / sum(heard["rep"].values()) > 0.97
    assert found.rep_confidence is not None
    assert found.rep_confidence > 0.8


def test_prints_of_one_person_agree_and_of_two_do_not(embedder, sample_day):
    of = {
        who: [c for c, w in zip(sample_day.clips, sample_day.voices, strict=True) if w == who]
        for who in ("rep", "martha")
    }
    one, two = enroll(embedder, of["rep"][:4]), enroll(embedder, of["rep"][-4:])
    other = enroll(embedder, of["martha"][:6])
    assert is_same_voice(one, two)
    assert not is_same_voice(one, other)
    assert likeness(one, two) > likeness(one, other) + 0.2


def test_two_people_or_too_little_cannot_be_enrolled(embedder, sample_day):
    of = {
        who: [c for c, w in zip(sample_day.clips, sample_day.voices, strict=True) if w == who]
        for who in ("rep", "grace")
    }
    with pytest.raises(InvalidRecording, match="one clear voice"):
        enroll(embedder, of["rep"][:4] + of["grace"][:5])
    with pytest.raises(InvalidRecording, match="at least"):
        enroll(embedder, of["rep"][:1])


def test_a_print_survives_storage_and_does_not_show_itself(embedder, sample_day):
    print_ = enroll(embedder, [c for c, w in zip(sample_day.clips, sample_day.voices, strict=True) if w == "rep"][:4])
    back = VoicePrint.from_bytes(print_.to_bytes())
    assert likeness(print_, back) == pytest.approx(1.0, abs=1e-5)
    assert len(print_.to_bytes()) < 1100
    assert str(float(print_.vector.max()))[:6] not in repr(print_)
    for bad in (b"", b"DLVP", print_.to_bytes()[:-2], b"X" + print_.to_bytes()[1:]):
        with pytest.raises(ValueError, match="voice print"):
            VoicePrint.from_bytes(bad)
    with pytest.raises(ValueError, match="cannot be compared"):
        likeness(print_, VoicePrint("other", print_.vector, 9.0))
    assert vector_for(VoicePrint("other", print_.vector, 9.0), sample_day.windows) is None
