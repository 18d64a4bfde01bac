"""The transcript of a day is parsed once for all of its analyses that run at the same time."""

from __future__ import annotations

import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from dayline.analyses import repository as analyses
from dayline.db.columns import write_json
from dayline.domain.serialization import PackedTranscript
from dayline.sessions import documents_repository as documents
from dayline.workflows.shared_transcripts import SharedTranscripts
from dayline.workflows.steps.analyze import analyze


def _document(engine: str) -> bytes:
    return zlib.compress(write_json({"utterances": [], "duration_seconds": 1.0, "engine": engine}))


def test_holders_at_the_same_time_share_one_parse_and_the_last_one_forgets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[bytes] = []
    real = documents.unpack_json
    monkeypatch.setattr(documents, "unpack_json", lambda body: (parsed.append(body), real(body))[1])
    transcripts, all_in = SharedTranscripts(), threading.Barrier(5)

    def hold(_: int) -> PackedTranscript:
        with transcripts.parsed(_document("a")) as packed:
            all_in.wait(30)
            return packed

    with ThreadPoolExecutor(5) as threads:
        found = list(threads.map(hold, range(5)))
    assert len(parsed) == 1
    assert all(one is found[0] for one in found)
    assert len(transcripts) == 0
    with transcripts.parsed(_document("a")):
        assert len(parsed) == 2


def test_a_transcript_that_was_corrected_is_another() -> None:
    transcripts = SharedTranscripts()
    with transcripts.parsed(_document("a")) as before, transcripts.parsed(_document("b")) as after:
        assert (before["engine"], after["engine"]) == ("a", "b")


def test_a_document_that_cannot_be_read_is_not_kept() -> None:
    transcripts = SharedTranscripts()
    with pytest.raises(zlib.error), transcripts.parsed(b"no document"):
        pass
    assert len(transcripts) == 0


def test_analyses_hold_no_transcript_when_they_have_ended(environment: Any) -> None:
    _, ids = environment.up_to_analyses("mock://three-conversations")
    for id in ids:
        analyze(environment.parts, id, 1)
    assert len(ids) == 3
    with environment.database.read() as tx:
        rows = [analyses.get(tx, id) for id in ids]
    assert [row and row.status for row in rows] == ["completed"] * 3
    assert len(environment.parts.transcripts) == 0
