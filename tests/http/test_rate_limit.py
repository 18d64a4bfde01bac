"""Rate limits per key: sliding window, expiry of counters, quotas shared between processes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from dayline.http import rate_limit
from dayline.http.rate_limit import CounterStorage, RateLimiter, rate_headers


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until the test moves it."""

    class Clock:
        seconds = 1_800_000_000.0

    monkeypatch.setattr(rate_limit, "now", lambda: datetime.fromtimestamp(Clock.seconds, UTC))
    return Clock


def allowed(limiter, name="k", times=10):
    return sum(limiter.take(name).allowed for _ in range(times))


def test_a_burst_is_allowed_and_comes_back_with_time(clock):
    limiter = RateLimiter(per_minute=60, burst=6)
    assert limiter.window_seconds == 6
    assert allowed(limiter) == 6
    assert allowed(limiter, "other") == 6
    refused = limiter.take("k")
    assert (refused.allowed, refused.remaining) == (False, 0)
    assert 0 < refused.retry_after_seconds <= 6
    clock.seconds += 6 + 3  # half of the window before still counts
    assert allowed(limiter) == 3
    clock.seconds += 12
    assert allowed(limiter) == 6


def test_remaining_counts_down(clock):
    limiter = RateLimiter(per_minute=60, burst=3)
    assert [limiter.take("k").remaining for _ in range(3)] == [2, 1, 0]


def test_a_window_and_the_time_until_it_is_full_again_are_rounded_up(clock):
    limiter = RateLimiter(per_minute=100, burst=7)
    assert limiter.window_seconds == 5, "4.2 seconds"
    assert rate_headers(limiter, remaining=4) == {
        "RateLimit-Policy": '"default";q=7;w=5',
        "RateLimit": '"default";r=4;t=3',
    }


def test_without_a_database_no_request_needs_a_statement(clock):
    verdict = RateLimiter(per_minute=60, burst=2).take_local("k")
    assert verdict is not None
    assert verdict.allowed


@pytest.mark.parametrize("how", ["clear", "clear_sliding_window"])
def test_a_key_that_is_cleared_has_its_whole_quota_and_others_keep_theirs(clock, how):
    storage = CounterStorage(None, batch=1)

    def take(key):
        return storage.acquire_sliding_window_entry(key, 2, 6)

    for key in ("a", "b"):
        assert [take(key), take(key)] == [True, True]
    clock.seconds += 6
    assert not take("a"), "the window before still counts"
    getattr(storage, how)(*(("a",) if how == "clear" else ("a", 6)))
    assert [take("a"), take("a"), take("a")] == [True, True, False]
    assert not take("b")


def test_counters_of_windows_that_are_over_are_forgotten(clock):
    storage = CounterStorage(None, batch=1, max_counters=10)
    for number in range(50):
        storage.acquire_sliding_window_entry(f"k{number}", 5, 6)
        clock.seconds += 6
    kept = storage.reset()
    assert kept is not None
    assert kept <= 11


def test_processes_on_one_database_share_a_quota(app, clock):
    limiters = [RateLimiter(per_minute=60, burst=40, database=app.database) for _ in range(2)]
    taken = 0
    for _ in range(30):
        taken += sum(limiter.take("shared").allowed for limiter in limiters)
    assert taken == 40
    assert limiters[0].take_local("another") is None
    assert limiters[0].take("another").allowed
    assert limiters[0].take_local("another") is not None
    clock.seconds += limiters[0].window_seconds * 2
    assert limiters[1].take("shared").allowed
