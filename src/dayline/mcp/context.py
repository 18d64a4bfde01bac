"""Context of the tools: stores, queues and the caller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar

import structlog
from mcp.server.mcpserver import Context
from pydantic import BaseModel, Field, ValidationError

from dayline.auth.principal import Principal, holder_of, principal_of
from dayline.db.database import Database, Transaction
from dayline.db.pagination import Position, read_cursor, write_cursor
from dayline.db.records import SessionRecord
from dayline.domain.errors import DaylineError, InvalidRequest, RateLimited, Unauthenticated
from dayline.domain.json_types import JsonObject
from dayline.http.errors import ErrorEnvelope, of_error
from dayline.http.rate_limit import RateLimiter
from dayline.http.validation import invalid_request
from dayline.idempotency import service as idempotency
from dayline.mcp.errors import first_failure
from dayline.security.signing import fingerprint
from dayline.security.ssrf import Network
from dayline.security.untrusted_json import BadJson, check_value
from dayline.sessions import service
from dayline.workflows.job_queue import JobQueue

Ask = Context[Any, Any]
IdempotencyKey = Annotated[
    str | None,
    Field(
        min_length=1,
        max_length=idempotency.MAX_KEY_CHARACTERS,
        description="Any text of yours, new for every change. A call that is repeated with it changes nothing again "
        "and gets the first answer, for 24 hours.",
    ),
]
_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class ToolContext:
    """Stores, queues and settings of one process.

    Attributes:
        base_url: URL at which the documentation of errors is served.
        cursor_key: the installation's secret text.
        key: the key of a process that serves one client over stdio; None if every request has its own key.
    """

    database: Database
    jobs: JobQueue
    base_url: str
    cursor_key: str
    key: str | None = None
    allow_networks: Sequence[Network] = ()
    allow_http: bool = False
    rate_limiter: RateLimiter = field(default_factory=lambda: RateLimiter(per_minute=600, burst=120))

    def caller(self, ask: Ask, scope: str) -> Principal:
        """Return the calling partner. Requests over HTTP have been counted already; those over stdio are counted here.

        Raises Unauthenticated, RateLimited, or Forbidden for an admin key or a key without `scope`.
        """
        who = self._holder(ask)
        if self.key is not None:
            self.count(who)
        who.require_partner()
        who.require(scope)
        return who

    def count(self, who: Principal) -> None:
        """Count a request against its key's rate limit. Raises RateLimited."""
        verdict = self.rate_limiter.take(who.key_id)
        if not verdict.allowed:
            raise RateLimited(
                "Too many requests with this key. Wait as long as retry_after_seconds says.",
                retry_after_seconds=round(verdict.retry_after_seconds, 3),
            )

    def _holder(self, ask: Ask) -> Principal:
        if self.key is None:
            return principal_of(self.database, (ask.headers or {}).get("authorization"))
        if not self.key:
            raise Unauthenticated("Start `dayline mcp` with your key in the environment variable DAYLINE_API_KEY.")
        return holder_of(self.database, self.key)

    def session(self, tx: Transaction, who: Principal, session_id: str, *, lock: bool = False) -> SessionRecord:
        """Return a session of the caller. Raises NotFound, or Forbidden for a key of the other environment."""
        session = service.owned(tx, session_id, partner_id=who.partner_id, lock=lock)
        who.require_environment(session.environment)
        return session

    def once(self, who: Principal, key: str | None, tool: str, fields: JsonObject, work: idempotency.Work) -> Any:
        """Run `work` in one write transaction, once per key if given. Return its body, or that of the first call.

        `fields` are the arguments as JSON: a different call with the same key is rejected. Raises the errors of `work`,
        of this or the first call, and Conflict.
        """
        if key is None:
            return self.database.in_write(work)
        keyed = idempotency.IdempotentRequest(
            self.database,
            owner=who.owner,
            key=key,
            identity=fingerprint(b"mcp", tool.encode(), idempotency.canonical(fields)),
            failure_body=self._failure,
        )
        outcome = keyed.run(work, status=200)
        if outcome.status_code != 200:
            raise first_failure(outcome.body)
        return outcome.body

    def _failure(self, error: DaylineError) -> ErrorEnvelope:
        request_id = str(structlog.contextvars.get_contextvars().get("request_id", ""))
        return of_error(error, request_id=request_id, base_url=self.base_url)

    def position(self, who: Principal, cursor: str | None, scope: str) -> Position | None:
        """Read a list's cursor; `scope` names the list and its filters. Raises InvalidRequest."""
        if cursor is None:
            return None
        found = read_cursor(cursor, key=self.cursor_key, scope=f"{who.partner_id}|{scope}")
        if found is None:
            raise InvalidRequest(
                "The cursor does not belong to this list. Start again without one, and keep the filters while paging.",
                field="cursor",
            )
        return found

    def next_cursor(self, who: Principal, last: Position | None, scope: str) -> str | None:
        """Return the cursor after `last`, or None at the end of the list."""
        return None if last is None else write_cursor(last, key=self.cursor_key, scope=f"{who.partner_id}|{scope}")


def checked(model: type[_Model], fields: JsonObject) -> _Model:
    """Return the request of the REST API for a tool's arguments. Raises InvalidRequest."""
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        raise invalid_request(error.errors()) from error


def check_arguments(arguments: Mapping[str, object], known: Sequence[str]) -> None:
    """Reject arguments that the tool does not have, and values that cannot be stored. Raises InvalidRequest."""
    unknown = sorted(set(arguments) - set(known))
    if unknown:
        raise InvalidRequest(f"There is no field `{unknown[0]}` here.", field=unknown[0])
    try:
        check_value(arguments)
    except BadJson as error:
        raise InvalidRequest(f"The call {error}.") from error
