"""Spans of OpenTelemetry, an extra: without it, or without an endpoint, they cost nothing.

The standard variables decide where spans go: `OTEL_EXPORTER_OTLP_ENDPOINT` or `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`, and
`OTEL_SERVICE_NAME`. A span carries ids, never words, addresses or texts of errors.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, ParamSpec, TypeVar

from dayline.logs import get_log

log = get_log(__name__)

P = ParamSpec("P")
T = TypeVar("T")
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")

_tracer: Any = None


def set_up_tracing(part: str) -> bool:
    """Send spans of this process to the configured endpoint. Return False when there is none, or no `otel` extra.

    part: which process it is, `api` or `worker`.
    """
    if not any(os.environ.get(name) for name in _ENDPOINTS):
        return False
    try:
        exporter = import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter").OTLPSpanExporter()
        processor = import_module("opentelemetry.sdk.trace.export").BatchSpanProcessor(exporter)
    except ImportError:
        log.warning("no_tracing", reason="an OTLP endpoint is set; spans need the `otel` extra")
        return False
    use_processor(processor, part)
    return True


def use_processor(processor: Any, part: str) -> None:
    """Hand the spans of this process to a span processor of the OpenTelemetry SDK."""
    global _tracer
    resource = import_module("opentelemetry.sdk.resources").Resource.create(
        {"service.name": os.environ.get("OTEL_SERVICE_NAME", "dayline"), "dayline.part": part}
    )
    provider = import_module("opentelemetry.sdk.trace").TracerProvider(resource=resource)
    provider.add_span_processor(processor)
    _tracer = provider.get_tracer("dayline")


@contextmanager
def span(name: str, **attributes: str | int) -> Generator[None]:
    """Measure what runs inside as one span. An exception marks it as failed by its class alone."""
    if _tracer is None:
        yield
        return
    named = {f"dayline.{key}": value for key, value in attributes.items()}
    options = {"record_exception": False, "set_status_on_exception": False}
    with _tracer.start_as_current_span(f"dayline.{name}", attributes=named, **options) as current:
        try:
            yield
        except BaseException as error:
            current.set_attribute("error.type", type(error).__name__)
            current.set_status(import_module("opentelemetry.trace").StatusCode.ERROR)
            raise


def traced(name: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Return a decorator that measures every call of a function as a span."""

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        @functools.wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> T:
            with span(name):
                return function(*args, **kwargs)

        return run

    return decorate
