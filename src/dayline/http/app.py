"""The HTTP application: every router behind one door."""

from __future__ import annotations

from functools import cache

from fastapi import FastAPI

from dayline.analyses import endpoints as analyses
from dayline.auth import endpoints as admin
from dayline.auth import me_endpoints as me
from dayline.console import endpoints as console
from dayline.http import health
from dayline.http.context import ApiContext
from dayline.http.docs import endpoints as pages
from dayline.http.docs.webhook_events import add_webhooks
from dayline.http.exception_handlers import add_handlers
from dayline.http.metrics import RequestMetrics
from dayline.http.middleware import RequestContextMiddleware
from dayline.http.openapi import openapi_of
from dayline.http.route_table import RouteTable
from dayline.orgs import endpoints as orgs
from dayline.orgs import voices_endpoints as voices
from dayline.playbooks import endpoints as playbooks
from dayline.prompts import endpoints as prompts
from dayline.sessions import documents_endpoints as reads
from dayline.sessions import endpoints as sessions
from dayline.sessions import events_endpoints as events
from dayline.sessions.corrections import endpoints as corrections
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
    corrections.router,
    events.router,
    analyses.router,
    webhooks.router,
    deliveries.router,
    callback_secret.router,
    orgs.router,
    voices.router,
    playbooks.router,
    prompts.router,
    uploads.router,
    files.router,
    admin.router,
    me.router,
    console.router,
    health.router,
    pages.router,
)


def create_api(services: ApiContext) -> FastAPI:
    """Return the application. It queues work and computes nothing itself."""
    app = FastAPI(
        title="Dayline API",
        version=services.version,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        separate_input_output_schemas=False,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.services = services
    app.state.meter = RequestMetrics()

    @cache
    def route_table() -> RouteTable:
        return RouteTable(app.openapi())

    for router in ROUTERS:
        app.include_router(router)
    add_webhooks(app)
    # The framework's own way to replace its document.
    app.openapi = lambda: openapi_of(app, base_url=services.base_url, max_upload_bytes=services.max_upload_bytes)
    add_handlers(app, route_table)
    app.add_middleware(RequestContextMiddleware, services=services, meter=app.state.meter, route_table=route_table)
    return app
