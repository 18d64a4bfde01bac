"""The wait that an HTTP response asks for (RFC 9110, section 10.2.3)."""

from __future__ import annotations

import re
from datetime import UTC
from email.utils import parsedate_to_datetime

from dayline.clock import now

# Some servers send fractions of a second, which the standard does not define. Digits after the ninth are dropped.
_SECONDS = re.compile(r"(\d{1,9})\d*(?:\.(\d{1,6})\d*)?", re.ASCII)


def parse_retry_after(value: str | None) -> float | None:
    """Return the seconds that a Retry-After header asks for, as a number or as a date; None without a usable one."""
    if value is None:
        return None
    if seconds := _SECONDS.fullmatch(value.strip()):
        return float(f"{seconds[1]}.{seconds[2] or 0}")
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):  # OverflowError: a date beyond what datetime holds
        return None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return max(0.0, (moment - now()).total_seconds())
