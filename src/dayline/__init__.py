"""Dayline: finds, scores and explains every customer conversation in a recorded workday."""

import os

# The model runtime reports home unless it is told not to, and reads this when it is first imported.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

__version__ = "0.1.0"
