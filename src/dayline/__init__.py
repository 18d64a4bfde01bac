"""Dayline: find, score and explain every customer conversation in a recorded workday.

    import dayline

    day = dayline.process("day.m4a")          # needs a speech model, see docs/engines.md
    found = dayline.detect(transcript)        # a pure function: numpy only

Names are imported when they are first used, so that `import dayline` costs nothing.
"""

import os as _os
from importlib import import_module as _import_module
from typing import TYPE_CHECKING
from typing import Any as _Any

if TYPE_CHECKING:
    from dayline.detection import detect
    from dayline.domain.errors import DaylineError
    from dayline.domain.timeline import Conversation, Day, DayContext, Hint, Interval, Reason
    from dayline.domain.transcript import Transcript, Utterance, Word
    from dayline.local_run import ProcessedDay, process

# onnxruntime sends telemetry unless this is set before its first import.
_os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

__version__ = "0.1.0"

_HOMES = {
    "process": "dayline.local_run",
    "ProcessedDay": "dayline.local_run",
    "detect": "dayline.detection",
    "Transcript": "dayline.domain.transcript",
    "Utterance": "dayline.domain.transcript",
    "Word": "dayline.domain.transcript",
    "Conversation": "dayline.domain.timeline",
    "Day": "dayline.domain.timeline",
    "DayContext": "dayline.domain.timeline",
    "Hint": "dayline.domain.timeline",
    "Reason": "dayline.domain.timeline",
    "Interval": "dayline.domain.timeline",
    "DaylineError": "dayline.domain.errors",
}

__all__ = [
    "Conversation",
    "Day",
    "DayContext",
    "DaylineError",
    "Hint",
    "Interval",
    "ProcessedDay",
    "Reason",
    "Transcript",
    "Utterance",
    "Word",
    "__version__",
    "detect",
    "process",
]


def __getattr__(name: str) -> _Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'dayline' has no attribute {name!r}")
    return getattr(_import_module(home), name)


def __dir__() -> list[str]:
    return sorted(__all__)
