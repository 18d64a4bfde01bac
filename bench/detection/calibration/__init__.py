"""How far a report of the detector can be believed: the reports it was measured on, and the table made of them."""

from __future__ import annotations

from pathlib import Path

REPORTS = Path(__file__).parent / "reports.csv"
TABLE = Path(__file__).parent / "confidence.json"
