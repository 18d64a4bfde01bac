"""Token buckets: how many requests a key may make, and how hard we press on a provider."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from dayline.clock import monotonic_seconds


@dataclass(slots=True)
class _Bucket:
    tokens: float
    seen_seconds: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a bucket says to one request."""

    allowed: bool
    remaining: int
    retry_after_seconds: float


@dataclass(slots=True)
class RateLimiter:
    """One bucket per name: `burst` at once, refilled with `per_minute`. Safe to use from many threads.

    Buckets live in this process: with several API processes each allows its share.
    """

    per_minute: float
    burst: int
    _buckets: dict[str, _Bucket] = field(default_factory=dict[str, _Bucket])
    _lock: threading.Lock = field(default_factory=threading.Lock)
    max_names: int = 50_000

    def take(self, name: str) -> Verdict:
        """Take one token from the bucket of `name`."""
        now = monotonic_seconds()
        rate = self.per_minute / 60
        with self._lock:
            if len(self._buckets) >= self.max_names:
                self._forget_full(now, rate)
            bucket = self._buckets.setdefault(name, _Bucket(float(self.burst), now))
            bucket.tokens = min(self.burst, bucket.tokens + (now - bucket.seen_seconds) * rate)
            bucket.seen_seconds = now
            if bucket.tokens < 1:
                return Verdict(False, 0, (1 - bucket.tokens) / rate)
            bucket.tokens -= 1
            return Verdict(True, int(bucket.tokens), 0.0)

    def _forget_full(self, now: float, rate: float) -> None:
        full = [n for n, b in self._buckets.items() if b.tokens + (now - b.seen_seconds) * rate >= self.burst]
        for name in full:
            del self._buckets[name]
