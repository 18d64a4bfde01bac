"""Retry-After headers as servers send them."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime

import pytest

from dayline.clock import now
from dayline.domain.retry_after import parse_retry_after


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        (" 120 ", 120.0),
        ("1.5", 1.5),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 0.0),
        ("9" * 400, 999_999_999.0),
        (None, None),
        ("", None),
        ("-5", None),
        ("inf", None),
        ("nan", None),
        ("1e400", None),
        ("\u0663", None),
        ("soon", None),
        ("Fri, 31 Dec 99999999999 23:59:59 GMT", None),
    ],
)
def test_seconds_and_dates_are_read_and_everything_else_is_left_out(value, seconds):
    assert parse_retry_after(value) == seconds


def test_a_date_in_the_future_is_as_far_away_as_it_says():
    asked = parse_retry_after(format_datetime(now() + timedelta(hours=1), usegmt=True))
    assert asked == pytest.approx(3600, abs=30)
