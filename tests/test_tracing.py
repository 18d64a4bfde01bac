"""Spans of OpenTelemetry: one for each part of the work, with ids and without texts."""

from __future__ import annotations

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from dayline import tracing


@pytest.fixture
def spans(monkeypatch):
    monkeypatch.setattr(tracing, "_tracer", None)
    exporter = InMemorySpanExporter()
    tracing.use_processor(SimpleSpanProcessor(exporter), "worker")
    return exporter


def test_a_span_carries_ids_and_no_text_of_an_error(spans):
    with tracing.span("delivery", id="d-1", attempt=2):
        pass
    with pytest.raises(ValueError, match="secret"), tracing.span("chunk", id="s-1"):
        raise ValueError("a secret word")
    sent, failed = spans.get_finished_spans()
    assert (sent.name, dict(sent.attributes)) == ("dayline.delivery", {"dayline.id": "d-1", "dayline.attempt": 2})
    assert sent.status.is_unset
    assert failed.attributes["error.type"] == "ValueError"
    assert not failed.status.is_ok
    assert "secret" not in failed.to_json()
    assert sent.resource.attributes["dayline.part"] == "worker"


def test_without_a_tracer_work_runs_as_before(monkeypatch):
    monkeypatch.setattr(tracing, "_tracer", None)

    @tracing.traced("submit")
    def add(a: int, b: int) -> int:
        return a + b

    assert add(1, b=2) == 3


@pytest.mark.parametrize("endpoint", ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"])
def test_an_endpoint_switches_it_on(monkeypatch, endpoint):
    monkeypatch.setattr(tracing, "_tracer", None)
    for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    assert not tracing.set_up_tracing("api")
    assert tracing._tracer is None
    monkeypatch.setenv(endpoint, "http://127.0.0.1:1")
    assert tracing.set_up_tracing("api")
    assert tracing._tracer is not None
