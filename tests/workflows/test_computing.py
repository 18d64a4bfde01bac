"""What computing processes import: the work, and not the database and the workflow engine that surround it."""

from __future__ import annotations

import subprocess
import sys

_LOADED = """
import sys
import dayline.diarization.tasks, dayline.processes.compute_main, dayline.workflows.computing, dayline.workflows.warmup
print(*sorted({"dbos", "sqlalchemy", "psycopg", "structlog"} & set(sys.modules)))
"""


def test_the_work_is_imported_without_the_database_and_the_engine() -> None:
    told = subprocess.run([sys.executable, "-c", _LOADED], capture_output=True, text=True, check=True)
    assert told.stdout.split() == []
