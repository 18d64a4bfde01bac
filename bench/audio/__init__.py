"""Measurements of ingest: cost, memory, damage, hostile media. `run(["ingest", "--hours", "1"])` and so on."""

from __future__ import annotations

import importlib
from collections.abc import Sequence

COMMANDS = ("ingest", "long", "finding", "tail", "chain", "work", "scaling", "windows", "http", "damage", "fuzz")


def run(arguments: Sequence[str]) -> int:
    """Run one of COMMANDS with its own options; without any, all of them in their short form."""
    wanted = [arguments[0]] if arguments and arguments[0] in COMMANDS else list(COMMANDS)
    rest = list(arguments[1:]) if len(wanted) == 1 else list(arguments)
    return max(importlib.import_module(f"bench.audio.{name}").run(rest) for name in wanted)
