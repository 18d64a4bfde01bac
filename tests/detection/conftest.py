"""Makes the sample days importable for all tests of the detector."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

_spec = importlib.util.spec_from_file_location("boundary_days", Path(__file__).parent / "days.py")
assert _spec is not None
assert _spec.loader is not None
_module = importlib.util.module_from_spec(_spec)
sys.modules["boundary_days"] = _module
_spec.loader.exec_module(_module)
