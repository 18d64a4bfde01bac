"""Authenticate API keys: from the database once, then from memory with a check on the route's own connection.

A key that was seen before is recognised by a hash of its text, without a statement. Whether it still works is asked
in the first transaction that the route opens (`check`), so that a revoked key or a suspended partner is refused by the
next request, in every process.
"""

from __future__ import annotations

import contextlib
import hashlib
import threading

from dayline.auth import keys_repository as keys
from dayline.auth.principal import Principal, holder_of, key_in, revoked, suspended, unknown_key
from dayline.clock import monotonic_seconds
from dayline.db.database import Database, Transaction
from dayline.db.key_state import KeyState
from dayline.domain.errors import Unavailable

_MAX_KNOWN = 10_000
_KNOWN_SECONDS = 600.0
"""Interval after which a key is read again, which also stores its last use."""


class Authenticator:
    """Recognises keys. Safe to use from many threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[bytes, tuple[Principal, float]] = {}
        self._lock = threading.Lock()

    def recognise(self, authorization: str | None) -> Principal | None:
        """Return whose key a header carries, from memory; None when it has to be read from the database.

        The key may have been revoked since: call `check`. Raises Unauthenticated for a header without a key.
        """
        principal, until_seconds = self._known.get(_digest(key_in(authorization)), (None, 0.0))
        return principal if monotonic_seconds() < until_seconds else None

    def authenticate(self, authorization: str | None) -> Principal:
        """Return whose key a header carries, from the database. Raises Unauthenticated."""
        text = key_in(authorization)
        principal = holder_of(self._database, text)
        with contextlib.suppress(Unavailable):  # a key works also while nothing can be written
            self._database.in_write(lambda tx: keys.note_use(tx, principal.key_id))
        with self._lock:
            if len(self._known) >= _MAX_KNOWN:
                self._known.clear()
            self._known[_digest(text)] = principal, monotonic_seconds() + _KNOWN_SECONDS
        return principal

    def check(self, tx: Transaction, principal: Principal) -> None:
        """Raise Unauthenticated when a key has been revoked, deleted or suspended since it was recognised."""
        require_working(keys.state_of(tx, principal.key_id))

    def check_now(self, principal: Principal) -> None:
        """Do as `check`, in a transaction of its own."""
        with self._database.read() as tx:
            self.check(tx, principal)


def require_working(state: KeyState | None) -> None:
    """Raise Unauthenticated for the state of a key that is gone, revoked or suspended."""
    if state is None:
        raise unknown_key()
    if state.revoked_at is not None:
        raise revoked()
    if state.suspended_at is not None:
        raise suspended()


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()
