"""Dependencies of the routes, built once by the composition root."""

from __future__ import annotations

from dataclasses import dataclass, field

from dayline.db.blobs import Blobs
from dayline.db.database import Database
from dayline.http.rate_limit import RateLimiter
from dayline.idempotency.service import KEEP_HOURS, LOCK_SECONDS
from dayline.orgs.voices import Enroll
from dayline.security.ssrf import Network
from dayline.sessions.playback import Playback
from dayline.workflows.job_queue import JobQueue


@dataclass(frozen=True, slots=True)
class ApiContext:
    """Stores, queues and settings of one API process. Sizes are bytes.

    Attributes:
        base_url: public URL of this service, without a trailing slash.
        cursor_key: any secret text, made once per installation.
        link_key: 32 bytes in hex, made once per installation.
        allow_networks: private networks that URLs of partners may resolve to.
        enroll: computes a voice print (partner_id, file_key) in a child process.
        playback: opens recordings for playback.
        transcriber: engine named in the settings, for `GET /v1/me`.
        analyst: analyst named in the settings, for `GET /v1/me`.
    """

    database: Database
    jobs: JobQueue
    blobs: Blobs
    base_url: str
    cursor_key: str
    link_key: str
    allow_networks: tuple[Network, ...] = ()
    allow_http: bool = False
    rate_limiter: RateLimiter = field(default_factory=lambda: RateLimiter(per_minute=600, burst=120))
    max_body_bytes: int = 4 * 1024 * 1024
    max_upload_bytes: int = 8 * 1024**3
    upload_quota_bytes: int = 200 * 1024**3
    idempotency_hours: float = KEEP_HOURS
    idempotency_lock_seconds: float = LOCK_SECONDS
    events_poll_seconds: float = 0.5
    events_keep_alive_seconds: float = 15.0
    events_max_seconds: float = 3600.0
    lease_seconds: float = 45.0
    enroll: Enroll | None = None
    version: str = "0.1.0"
    playback: Playback | None = None
    transcriber: str | None = None
    analyst: str | None = None
    is_demo_quality: bool = False
