"""Without speaker labels the detector uses voices, and they are shown and kept nowhere."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from dayline.asr.registry import SpeechConfig
from dayline.asr.transcriber_pool import TranscriberPool
from dayline.db.tables import chunk
from dayline.diarization.voice_windows import decode_windows
from dayline.domain.serialization import unpack_transcript
from dayline.orgs.schemas import OrgRequest
from dayline.orgs.service import put_org
from dayline.sessions import documents_repository as documents
from dayline.sessions import segments_repository as segments
from dayline.sessions import service
from dayline.sessions.schemas import Options, SessionRequest
from dayline.workflows.steps import detect

SAMPLE_DAY = Path(__file__).parents[2] / "examples/sample-day"
TELLS_OF_VOICES = re.compile(r"SPEAKER|REP\b|the rep\b|the other person|voices change|is (not )?heard")


@pytest.fixture
def day_lab(lab: Any, tmp_path: Path) -> Any:
    """A lab that hears the words of the sample day's truth and measures its real voices; `windows` collects them."""
    truth = json.loads((SAMPLE_DAY / "truth.json").read_text())
    lines = [{k: turn[k] for k in ("start_seconds", "end_seconds", "text")} for turn in truth["turns"]]
    script = tmp_path / "script.json"
    script.write_text(json.dumps({"lines": lines}))
    lab.parts.recognisers.close()
    lab.change(recognisers=TranscriberPool(SpeechConfig(engine="fake", model=str(script)), 1))
    lab.windows = []
    plain = lab.compute.run

    def run(work: Any, *arguments: Any, **options: Any) -> Any:
        made = plain(work, *arguments, **options)
        if work.__name__ == "voice_windows":
            lab.windows.append(made)
        return made

    lab.compute.run = run
    return lab


def submitted(lab: Any, **options: Any) -> str:
    lab.recordings[""] = SAMPLE_DAY / "day.opus"
    wanted = Options.model_validate({"auto_analyze": False, **options})
    request = SessionRequest(
        org_id="o",
        rep_id="r",
        recording_url="https://example.com/day.opus",
        options=wanted,
    )
    with lab.database.write() as tx:
        return service.submit(tx, lab.jobs, request, partner_id=lab.partner_id, environment="live")["id"]


def forbid_voices(lab: Any) -> None:
    with lab.database.write() as tx:
        put_org(tx, OrgRequest(org_id="o", settings={"voice_features": "off"}), partner_id=lab.partner_id)


def found(lab: Any, id: str) -> tuple[str, list[float]]:
    """Everything that is kept of a day as text, and the confidences of its segments."""
    with lab.database.read() as tx:
        kept = {name: documents.get_json(tx, id, name) for name in ("transcript", "voices", "others")}
        rows = segments.list_all(tx, id)
        view = lab.parts.session_view(tx, id)
    reasons = [row.reasons for row in rows]
    return json.dumps([kept, reasons, view], default=str), [row.confidence or 0.0 for row in rows]


def kept_windows(lab: Any, id: str) -> list[bytes]:
    with lab.database.read() as tx:
        rows = tx.run(sa.select(chunk.c.voices).where(chunk.c.session_id == id))
        return [row[0] for row in rows if row[0] is not None]


def stored_bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_the_detector_hears_voices_that_are_neither_shown_nor_kept(day_lab: Any, tmp_path: Path) -> None:
    lab = day_lab
    needles: list[bytes] = []
    seen_before_detection: list[bytes] = []
    plain = lab.compute.run

    def run(work: Any, *arguments: Any, **options: Any) -> Any:
        if work.__name__ == "find_in_child":
            seen_before_detection.append(stored_bytes(tmp_path))
        return plain(work, *arguments, **options)

    lab.compute.run = run
    id = submitted(lab, skip_diarization=True)
    lab.run_to_end(id)

    assert lab.session(id).status == "completed", lab.session(id).error
    for blob in lab.windows:
        needles += [row.tobytes()[:64] for row in decode_windows(blob).vectors[::20]]
    assert len(needles) > 10
    assert all(needle in seen_before_detection[0] for needle in needles), "the search must be able to find them"
    after = stored_bytes(tmp_path)
    assert not any(needle in after for needle in needles)
    assert kept_windows(lab, id) == []
    assert list(lab.parts.blobs.list_keys("scratch")) == []

    text, confidences = found(lab, id)
    assert len(confidences) == 3
    assert TELLS_OF_VOICES.findall(text) == []
    with lab.database.read() as tx:
        transcript = unpack_transcript(documents.get_json(tx, id, "transcript"))
    assert transcript.word_count > 500
    assert {u.speaker for u in transcript.utterances} == {None}
    assert {w.speaker for w in transcript.words} == {None}
    assert lab.session(id).usage["speakers"] == {"voices": 0, "rep_confidence": None, "warnings": []}


def test_an_org_that_forbids_voice_features_has_no_voice_measured(day_lab: Any) -> None:
    lab = day_lab
    forbid_voices(lab)
    ids = [submitted(lab, skip_diarization=skipped) for skipped in (True, False)]
    for id in ids:
        lab.run_to_end(id)
        assert lab.session(id).status == "completed", lab.session(id).error
    assert lab.windows == []
    assert not {"voice_windows", "name_speakers"} & set(lab.computed)
    for id in ids:
        assert not [word for word in ("SPEAKER", "REP") if word in found(lab, id)[0]]

    with lab.database.write() as tx:
        put_org(tx, OrgRequest(org_id="o", settings={}), partner_id=lab.partner_id)
    heard = submitted(lab, skip_diarization=True)
    lab.run_to_end(heard)
    without, with_voices = found(lab, ids[0])[1], found(lab, heard)[1]
    assert len(without) == len(with_voices) == 3
    assert without != with_voices, "what voices tell enters the confidence of the same three visits"


def test_voices_of_a_day_that_failed_are_deleted(day_lab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    lab = day_lab

    def refuse(*_: Any, **__: Any) -> Any:
        raise ValueError("a bug in the detector")

    monkeypatch.setattr(detect, "_find", refuse)
    id = submitted(lab, skip_diarization=True)
    lab.run_to_end(id)
    for _ in range(20):
        if lab.session(id).status == "failed":
            break
        lab.run_to_end(id)
    assert lab.session(id).status == "failed"
    assert lab.windows
    assert kept_windows(lab, id) == []


def test_a_day_with_labels_shows_them(day_lab: Any) -> None:
    id = submitted(day_lab)
    day_lab.run_to_end(id)
    text, confidences = found(day_lab, id)
    assert len(confidences) == 3
    assert "REP" in text
    assert "SPEAKER_01" in text
    assert kept_windows(day_lab, id) == []
