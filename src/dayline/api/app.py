"""The HTTP application: every router behind one door."""

from __future__ import annotations

from functools import cache

from fastapi import FastAPI

from dayline.api import health
from dayline.api.days import analyses, corrections, events, reads, sessions
from dayline.api.door.door import Door
from dayline.api.door.handlers import add_handlers
from dayline.api.door.map import Map
from dayline.api.door.meter import Meter
from dayline.api.news import callback_secret, deliveries, webhooks
from dayline.api.pages import pages
from dayline.api.pages.news import add_webhooks
from dayline.api.pages.openapi import openapi_of
from dayline.api.partners import admin, files, uploads
from dayline.api.services import Services
from dayline.api.teams import orgs, playbooks, prompts, voices

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
    health.router,
    pages.router,
)


def create_api(services: Services) -> FastAPI:
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
    app.state.meter = Meter()

    @cache
    def house() -> Map:
        return Map(app.openapi())

    for router in ROUTERS:
        app.include_router(router)
    add_webhooks(app)
    # The framework's own way to replace its document.
    app.openapi = lambda: openapi_of(app, base_url=services.base_url, max_upload_bytes=services.max_upload_bytes)
    add_handlers(app, house)
    app.add_middleware(Door, services=services, meter=app.state.meter, house=house)
    return app
