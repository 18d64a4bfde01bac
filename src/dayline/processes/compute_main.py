"""A process for numeric work: `python -m dayline.processes.compute_main FD PARENT_PID`.

Calls one importable function after the other with the arguments that its parent sends, and sends back what it
returned or raised. Ends when its parent ends.
"""

from __future__ import annotations

import pickle
import sys
from typing import Any

from dayline.domain.errors import Unavailable
from dayline.processes import frames
from dayline.processes.heap import collect_less_often
from dayline.processes.inheritance import inherited_channel


def main(argv: list[str]) -> int:
    """Serve until the socket closes. Returns the exit status."""
    channel = inherited_channel(argv)
    collect_less_often()
    try:
        while True:
            _, body = frames.receive(channel)
            succeeded, value = _call(body)
            del body
            frames.send(channel, {"succeeded": succeeded}, _pickled(value))
    except frames.Closed:
        return 0


def _call(body: bytes) -> tuple[bool, Any]:
    try:
        work, arguments = pickle.loads(body)  # noqa: S301 - written by the parent process
        return True, work(*arguments)
    except MemoryError:
        return False, Unavailable("A computation ran out of memory.", code="compute_crashed")
    except Exception as error:  # noqa: BLE001 - it is raised again in the parent
        return False, error


def _pickled(value: Any) -> bytes:
    try:
        return pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    except Exception as error:  # noqa: BLE001 - an exception with parts that cannot travel still says what it was
        return pickle.dumps(RuntimeError(f"{type(value).__name__} cannot be sent: {error}"))


if __name__ == "__main__":
    sys.exit(main(sys.argv))
