"""Rate limits per key with the `limits` library: a sliding window counter, optionally shared through the database.

Counters live in this process. Several API processes on one database share them: each process takes a few requests of
a key's quota at a time from the table `rate_limit`, so that most requests need no statement.
"""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass

from limits import RateLimitItemPerSecond
from limits.storage import SlidingWindowCounterSupport, Storage
from limits.strategies import SlidingWindowCounterRateLimiter

from dayline.clock import now
from dayline.db import rate_limit_repository as counters
from dayline.db.database import Database

_MAX_COUNTERS = 100_000
_BATCHES = 20
"""A process takes a twentieth of the quota at a time from the database."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request is allowed.

    Attributes:
        allowed: False when the quota is used up.
        remaining: number of requests left now.
        retry_after_seconds: time to wait if it is not allowed.
    """

    allowed: bool
    remaining: int
    retry_after_seconds: float


class RateLimiter:
    """Allow at most `burst` requests in the time in which `per_minute` allows as many. Thread-safe.

    Attributes:
        per_minute: requests per minute in the long run.
        burst: requests per window.
        window_seconds: length of the window.
    """

    def __init__(self, per_minute: float, burst: int, database: Database | None = None) -> None:
        self.per_minute, self.burst = per_minute, burst
        self.window_seconds = max(1, math.ceil(burst * 60 / per_minute))
        self._item = RateLimitItemPerSecond(burst, self.window_seconds, namespace="key")
        self._storage = CounterStorage(database, batch=max(1, burst // _BATCHES))
        self._strategy = SlidingWindowCounterRateLimiter(self._storage)
        self._lock = threading.Lock()

    def take_local(self, name: str) -> Verdict | None:
        """Count one request without a statement, or return None when the database has to be asked."""
        return self.take(name) if self._storage.is_local(self._item.key_for(name), self.window_seconds) else None

    def take(self, name: str) -> Verdict:
        """Count one request of `name`."""
        with self._lock:
            allowed = self._strategy.hit(self._item, name)
            stats = self._strategy.get_window_stats(self._item, name)
        wait_seconds = max(0.0, stats.reset_time - now().timestamp())
        return Verdict(allowed, stats.remaining if allowed else 0, 0.0 if allowed else max(wait_seconds, 0.001))


def rate_headers(limiter: RateLimiter, remaining: int) -> dict[str, str]:
    """Return the quota and the remaining requests as RateLimit header fields."""
    refill_seconds = math.ceil((limiter.burst - remaining) * limiter.window_seconds / limiter.burst)
    return {
        "RateLimit-Policy": f'"default";q={limiter.burst};w={limiter.window_seconds}',
        "RateLimit": f'"default";r={remaining};t={refill_seconds}',
    }


@dataclass(slots=True)
class _Counter:
    """Requests of one name in one window: counted everywhere, and taken from the database but not used yet."""

    count: int = 0
    reserved: int = 0


class CounterStorage(Storage, SlidingWindowCounterSupport):
    """Counters per key and window, in memory; with a database, in its table for all processes."""

    STORAGE_SCHEME = None

    def __init__(self, database: Database | None, *, batch: int, max_counters: int = _MAX_COUNTERS) -> None:
        super().__init__()
        self._database, self._batch, self._max_counters = database, batch, max_counters
        self._counters: dict[tuple[str, int], _Counter] = {}

    @property
    def base_exceptions(self) -> type[Exception]:
        """Return the exceptions that `limits` may translate; database errors are passed through."""
        return ValueError

    def is_local(self, key: str, expiry: int) -> bool:
        """Return whether the next request of this key needs no statement."""
        if self._database is None:
            return True
        counter = self._counters.get((key, _window(expiry)))
        return counter is not None and counter.reserved > 0

    def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count `amount` requests when they fit into the window that ends now."""
        window = _window(expiry)
        counter = self._counter(key, window)
        if counter.reserved < amount:
            if self._database is not None:
                self._reserve(self._database, key, window, limit, expiry)
            else:
                allowance = limit - math.floor(self._weight_of_previous(key, window, expiry))
                fits = counter.count + amount <= allowance
                counter.count += amount if fits else 0
                counter.reserved = amount if fits else 0
        if counter.reserved < amount:
            return False
        counter.reserved -= amount
        return True

    def _reserve(self, database: Database, key: str, window: int, limit: int, expiry: int) -> None:
        """Take a batch of a key's quota from the database, or the remaining part of it."""
        counter = self._counter(key, window)
        with database.write() as tx:
            self._counter(key, window - 1).count = counters.total(tx, key, window - 1)
            allowance = limit - math.floor(self._weight_of_previous(key, window, expiry))
            if counter.count == 0:
                counters.delete_older(tx, key, window - 1)
            granted, counter.count = counters.reserve(tx, key, window, amount=self._batch, at_most=allowance)
        counter.reserved += granted

    def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        """Return (previous count, its seconds left, present count, its seconds left)."""
        window = _window(expiry)
        left = expiry - now().timestamp() % expiry
        previous = self._counters.get((key, window - 1))
        present = self._counters.get((key, window))
        used = present.count - present.reserved if present else 0
        return (previous.count if previous else 0), left, used, left + expiry

    def clear_sliding_window(self, key: str, expiry: int) -> None:
        """Forget a key."""
        for window in (_window(expiry), _window(expiry) - 1):
            self._counters.pop((key, window), None)

    def _weight_of_previous(self, key: str, window: int, expiry: int) -> float:
        previous = self._counters.get((key, window - 1))
        left = expiry - now().timestamp() % expiry
        return previous.count * left / expiry if previous else 0.0

    def _counter(self, key: str, window: int) -> _Counter:
        if len(self._counters) >= self._max_counters:
            self._counters = {name: kept for name, kept in self._counters.items() if name[1] >= window - 1}
        return self._counters.setdefault((key, window), _Counter())

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count without a limit; part of the library's interface."""
        counter = self._counter(key, _window(int(expiry)))
        counter.count += amount
        return counter.count

    def get(self, key: str) -> int:
        """Return the sum of a key's counters."""
        return sum(counter.count for (name, _), counter in self._counters.items() if name == key)

    def get_expiry(self, key: str) -> float:
        """Return the present time: sliding windows end by themselves."""
        del key
        return now().timestamp()

    def check(self) -> bool:
        """Return True: counters in memory are always there."""
        return True

    def reset(self) -> int | None:
        """Delete all counters of this process and return their number."""
        count = len(self._counters)
        self._counters.clear()
        return count

    def clear(self, key: str) -> None:
        """Forget a key."""
        for name in [name for name in self._counters if name[0] == key]:
            del self._counters[name]


def _window(expiry: int) -> int:
    return int(now().timestamp() // expiry)
