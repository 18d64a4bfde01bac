"""HTTP application: all routers, middleware, exception handlers and the OpenAPI document."""

from __future__ import annotations

from fastapi import FastAPI

from dayline.analyses import endpoints as analyses
from dayline.auth import endpoints as admin
from dayline.auth import me_endpoints as me
from dayline.auth.authenticator import Authenticator
from dayline.console import endpoints as console
from dayline.http import health
from dayline.http.compression import JsonCompression
from dayline.http.context import ApiContext
from dayline.http.docs import endpoints as pages
from dayline.http.docs.webhook_events import add_webhooks
from dayline.http.exception_handlers import add_handlers
from dayline.http.metrics import RequestMetrics
from dayline.http.middleware import RequestContextMiddleware
from dayline.http.openapi import openapi_of
from dayline.http.request_body import BodyReader
from dayline.http.streams import StreamSlots
from dayline.orgs import detector_memory_endpoints as detector_memory
from dayline.orgs import endpoints as orgs
from dayline.orgs import voices_endpoints as voices
from dayline.playbooks import endpoints as playbooks
from dayline.prompts import endpoints as prompts
from dayline.search import endpoints as search
from dayline.sessions import audio_endpoints as audio
from dayline.sessions import documents_endpoints as reads
from dayline.sessions import endpoints as sessions
from dayline.sessions import events_endpoints as events
from dayline.sessions import partner_events_endpoints as partner_events
from dayline.sessions import people_endpoints as people
from dayline.sessions.corrections import endpoints as corrections
from dayline.shares import endpoints as shares
from dayline.shares import public_endpoints as shared
from dayline.uploads import endpoints as uploads
from dayline.uploads import files_endpoints as files
from dayline.webhooks import (
    callback_secret_endpoints as callback_secret,
)
from dayline.webhooks import (
    deliveries_endpoints as deliveries,
)
from dayline.webhooks import (
    endpoints as webhooks,
)

ROUTERS = (
    sessions.router,
    reads.router,
    audio.router,
    people.router,
    corrections.router,
    events.router,
    partner_events.router,
    search.router,
    shares.router,
    shared.router,
    analyses.router,
    webhooks.router,
    deliveries.router,
    callback_secret.router,
    orgs.router,
    voices.router,
    detector_memory.router,
    playbooks.router,
    prompts.router,
    uploads.router,
    files.router,
    me.router,
    console.router,
    admin.router,
    health.router,
    pages.router,
)


def create_api(context: ApiContext) -> FastAPI:
    """Return the application. It queues work and computes nothing itself."""
    app = FastAPI(
        title="Dayline API",
        version=context.version,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        separate_input_output_schemas=False,
    )
    app.state.context = context
    app.state.authenticator = Authenticator(context.database)
    app.state.bodies = BodyReader(context.max_body_bytes)
    app.state.meter = RequestMetrics()
    app.state.streams = StreamSlots()
    for router in ROUTERS:
        # Flat instead of included routers: a request is matched against one list of patterns, once.
        app.router.routes.extend(router.routes)
    add_webhooks(app)
    # The framework's documented way to replace its document.
    app.openapi = lambda: openapi_of(app, base_url=context.base_url, max_upload_bytes=context.max_upload_bytes)
    add_handlers(app)
    app.add_middleware(JsonCompression)
    app.add_middleware(RequestContextMiddleware, base_url=context.base_url, meter=app.state.meter)
    return app
