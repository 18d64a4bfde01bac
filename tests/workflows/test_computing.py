"""What computing processes and workers import, and what they do without."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import cast

import pytest

from dayline.domain.errors import Unavailable
from dayline.workflows.registry import _load_models
from dayline.workflows.warmup import warm_up_analyses
from dayline.workflows.worker_context import WorkerContext

_LOADED = """
import sys
import dayline.diarization.tasks, dayline.processes.compute_main, dayline.workflows.computing, dayline.workflows.warmup
print(*sorted({"dbos", "sqlalchemy", "psycopg", "structlog"} & set(sys.modules)))
"""


def test_the_work_is_imported_without_the_database_and_the_engine() -> None:
    told = subprocess.run([sys.executable, "-c", _LOADED], capture_output=True, text=True, check=True)
    assert told.stdout.split() == []


_WARM = """
from dayline.workflows.warmup import warm_up_analyses
from dayline.detection import gbdt
from dayline.detection.features import talk_kind
from dayline.scoring.facts.statement_model import statement_model
from dayline.scoring.facts.turn_encoder import turn_encoder
warm_up_analyses()
print(*[f.cache_info().currsize > 0 for f in (gbdt.forest, talk_kind.shipped, statement_model, turn_encoder)])
"""


def test_what_is_loaded_ahead_are_the_models_of_detector_and_rubric() -> None:
    told = subprocess.run([sys.executable, "-c", _WARM], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["True"] * 4


@pytest.mark.parametrize(("processes", "expected"), [(2, 2), (16, 5)])
def test_models_are_loaded_in_as_many_processes_as_the_analyses_of_a_day_use(processes: int, expected: int) -> None:
    ran: list[Callable[..., None]] = []

    def run(work: Callable[..., None]) -> None:
        ran.append(work)
        raise Unavailable("This worker is stopping.")  # which must not be logged as an error of a thread

    _load_models(cast(WorkerContext, SimpleNamespace(compute=SimpleNamespace(processes=processes, run=run))))
    for thread in threading.enumerate():
        if thread.name == "warm-up":
            thread.join(5.0)
    assert ran == [warm_up_analyses] * expected


def test_a_worker_does_not_load_what_only_its_children_compute_with() -> None:
    loaded = "import sys, dayline.bootstrap; print(*sorted({'onnxruntime', 'ctranslate2', 'av'} & set(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True)
    assert told.stdout.split() == []
