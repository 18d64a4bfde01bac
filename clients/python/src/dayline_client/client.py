"""Client object: one API key, with the operations of the API grouped by resource."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self, Unpack

from dayline_client.analyses import Analyses
from dayline_client.console import Console
from dayline_client.orgs import Orgs, Playbooks, Prompts
from dayline_client.partners import Admin, Service, Uploads
from dayline_client.polling import FOUR_HOURS
from dayline_client.sessions import Sessions
from dayline_client.shares import ShareLinks
from dayline_client.transport import RetryPolicy, Transport
from dayline_client.types.sessions import Session, SessionRequest
from dayline_client.webhooks import Webhooks


class Dayline:
    """Client of one service with one key. Thread-safe; close it, or use it as a context manager.

    Args:
        base_url: such as `https://dayline.example.com`.
        api_key: `pk_live_...`, `pk_sandbox_...` or `pk_admin_...`; sent to base_url only.
        partner_id: the partner for whom `upload` uploads files.
        retry_policy: timeout and retries of each request.
    """

    def __init__(
        self, base_url: str, api_key: str, *, partner_id: str | None = None, retry_policy: RetryPolicy | None = None
    ) -> None:
        self._transport = Transport(base_url, api_key, retry_policy or RetryPolicy())
        self.partner_id = partner_id
        self.sessions = Sessions(self._transport)
        self.shares = ShareLinks(self._transport)
        self.analyses = Analyses(self._transport)
        self.webhooks = Webhooks(self._transport)
        self.orgs = Orgs(self._transport)
        self.playbooks = Playbooks(self._transport)
        self.prompts = Prompts(self._transport)
        self.uploads = Uploads(self._transport)
        self.console = Console(self._transport)
        self.admin = Admin(self._transport)
        self.service = Service(self._transport)

    def submit_and_wait(
        self,
        *,
        timeout_seconds: float = FOUR_HOURS,
        idempotency_key: str | None = None,
        **request: Unpack[SessionRequest],
    ) -> Session:
        """Submit a day and return the session when all of its conversations have been analysed.

        Raises JobFailed, WaitedTooLong, ApiError, ConnectionFailed, InvalidResponse.
        """
        return self.sessions.submit_and_wait(
            timeout_seconds=timeout_seconds, idempotency_key=idempotency_key, **request
        )

    def wait(self, session_id: str, *, timeout_seconds: float = FOUR_HOURS) -> Session:
        """Wait for a session and return it when completed. Raises the same errors as `submit_and_wait`."""
        return self.sessions.wait(session_id, timeout_seconds=timeout_seconds)

    def upload(self, path: Path | str, *, content_type: str | None = None) -> str:
        """Upload a recording and return its file_key. Raises ValueError without `partner_id`."""
        if self.partner_id is None:
            raise ValueError("Give partner_id to Dayline(...): uploads belong to a partner.")
        return self.uploads.upload(self.partner_id, path, content_type=content_type)

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Dayline({self._transport.base_url!r})"
