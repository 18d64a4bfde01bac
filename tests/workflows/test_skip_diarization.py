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
from dayline.workflows import computing

SAMPLE_DAY = Path(__file__).parents[2] / "examples/sample-day"
TELLS_OF_VOICES = re.compile(r"SPEAKER|REP\b|the rep\b|the other person|voices change|is (not )?heard")


@pytest.fixture
def day_environment(environment: Any, tmp_path: Path) -> Any:
    """Use the words of the sample day's truth and measure its real voices; `windows` collects them."""
    truth = json.loads((SAMPLE_DAY / "truth.json").read_text())
    lines = [{k: turn[k] for k in ("start_seconds", "end_seconds", "text")} for turn in truth["turns"]]
    script = tmp_path / "script.json"
    script.write_text(json.dumps({"lines": lines}))
    environment.parts.recognisers.close()
    environment.change(recognisers=TranscriberPool(SpeechConfig(engine="fake", model=str(script)), 1))
    environment.windows = []
    plain = environment.compute.run

    def run(work: Any, *arguments: Any, **options: Any) -> Any:
        made = plain(work, *arguments, **options)
        if work.__name__ == "voice_windows":
            environment.windows.append(made)
        return made

    environment.compute.run = run
    return environment


@pytest.fixture
def short_recording(short_visit: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "short.wav"
    path.write_bytes(short_visit)
    return path


def submitted(environment: Any, recording: Path = SAMPLE_DAY / "day.opus", **options: Any) -> str:
    environment.recordings[""] = recording
    wanted = Options.model_validate({"auto_analyze": False, **options})
    request = SessionRequest(
        org_id="o",
        rep_id="r",
        recording_url="https://example.com/day.opus",
        options=wanted,
    )
    with environment.database.write() as tx:
        return service.submit(tx, environment.jobs, request, partner_id=environment.partner_id, environment="live")[
            "id"
        ]


def forbid_voices(environment: Any) -> None:
    with environment.database.write() as tx:
        put_org(tx, OrgRequest(org_id="o", settings={"voice_features": "off"}), partner_id=environment.partner_id)


def found(environment: Any, id: str) -> tuple[str, list[float]]:
    """Everything that is kept of a day as text, and the confidences of its segments."""
    with environment.database.read() as tx:
        kept = {name: documents.get_json(tx, id, name) for name in ("transcript", "voices", "others")}
        rows = segments.list_all(tx, id)
        view = environment.parts.session_view(tx, id)
    reasons = [row.reasons for row in rows]
    return json.dumps([kept, reasons, view], default=str), [row.confidence or 0.0 for row in rows]


def kept_windows(environment: Any, id: str) -> list[bytes]:
    with environment.database.read() as tx:
        rows = tx.run(sa.select(chunk.c.voices).where(chunk.c.session_id == id))
        return [row[0] for row in rows if row[0] is not None]


def stored_bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_the_detector_hears_voices_that_are_neither_shown_nor_kept(day_environment: Any, tmp_path: Path) -> None:
    environment = day_environment
    needles: list[bytes] = []
    seen_before_detection: list[bytes] = []
    plain = environment.compute.run

    def run(work: Any, *arguments: Any, **options: Any) -> Any:
        if work.__name__ == "find_in_child":
            seen_before_detection.append(stored_bytes(tmp_path))
        return plain(work, *arguments, **options)

    environment.compute.run = run
    id = submitted(environment, skip_diarization=True)
    environment.run_to_end(id)

    assert environment.session(id).status == "completed", environment.session(id).error
    for blob in environment.windows:
        needles += [row.tobytes()[:64] for row in decode_windows(blob).vectors[::20]]
    assert len(needles) > 10
    assert all(needle in seen_before_detection[0] for needle in needles), "the search must be able to find them"
    after = stored_bytes(tmp_path)
    assert not any(needle in after for needle in needles)
    assert kept_windows(environment, id) == []
    assert list(environment.parts.blobs.list_keys("scratch")) == []

    text, confidences = found(environment, id)
    assert len(confidences) == 3
    assert TELLS_OF_VOICES.findall(text) == []
    with environment.database.read() as tx:
        transcript = unpack_transcript(documents.get_json(tx, id, "transcript"))
    assert transcript.word_count > 500
    assert {u.speaker for u in transcript.utterances} == {None}
    assert {w.speaker for w in transcript.words} == {None}
    assert environment.session(id).usage["speakers"] == {"voices": 0, "rep_confidence": None, "warnings": []}


def test_an_org_that_forbids_voice_features_has_no_voice_measured(day_environment: Any, short_recording: Path) -> None:
    environment = day_environment
    forbid_voices(environment)
    ids = []
    for skipped, recording in ((True, SAMPLE_DAY / "day.opus"), (False, short_recording)):
        ids.append(submitted(environment, recording, skip_diarization=skipped))
        environment.run_to_end(ids[-1])
        assert environment.session(ids[-1]).status == "completed", environment.session(ids[-1]).error
    assert environment.windows == []
    assert not {"voice_windows", "name_speakers"} & set(environment.computed)
    for id in ids:
        assert not [word for word in ("SPEAKER", "REP") if word in found(environment, id)[0]]

    with environment.database.write() as tx:
        put_org(tx, OrgRequest(org_id="o", settings={"voice_features": None}), partner_id=environment.partner_id)
    heard = submitted(environment, skip_diarization=True)
    environment.run_to_end(heard)
    without, with_voices = found(environment, ids[0])[1], found(environment, heard)[1]
    assert len(without) == len(with_voices) == 3
    assert without != with_voices, "what voices tell enters the confidence of the same three visits"


def test_voices_of_a_day_that_failed_are_deleted(
    day_environment: Any, short_recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = day_environment

    def refuse(*_: Any, **__: Any) -> Any:
        raise ValueError("a bug in the detector")

    monkeypatch.setattr(computing, "detect_and_learn", refuse)
    id = submitted(environment, short_recording, skip_diarization=True)
    environment.run_to_end(id)
    for _ in range(20):
        if environment.session(id).status == "failed":
            break
        environment.run_to_end(id)
    assert environment.session(id).status == "failed"
    assert environment.windows
    assert kept_windows(environment, id) == []


def test_a_day_with_labels_shows_them(day_environment: Any) -> None:
    id = submitted(day_environment)
    day_environment.run_to_end(id)
    text, confidences = found(day_environment, id)
    assert len(confidences) == 3
    assert "REP" in text
    assert "SPEAKER_01" in text
    assert kept_windows(day_environment, id) == []
