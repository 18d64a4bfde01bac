"""Steps and deliveries are measured under the names that the documentation lists."""

from __future__ import annotations

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from dayline import tracing
from dayline.workflows.step_runner import patient_step, session_step


@pytest.mark.parametrize(
    ("name", "shown"), [("transcribe_chunk", "chunk"), ("analyze", "analysis"), ("detect", "detect")]
)
@pytest.mark.parametrize("bind", [patient_step, session_step])
def test_a_step_is_a_span_with_the_id_of_what_it_works_on(environment, monkeypatch, name, shown, bind):
    monkeypatch.setattr(tracing, "_tracer", None)
    exporter = InMemorySpanExporter()
    tracing.use_processor(SimpleSpanProcessor(exporter), "worker")

    def step(_context, _session_id, _number):
        return None

    step.__name__ = name
    bind(step, environment.parts)("s-1", 7)
    environment.submit("mock://single-call")
    assert [(s.name, (s.attributes or {}).get("dayline.id")) for s in exporter.get_finished_spans()] == [
        (f"dayline.{shown}", "s-1"),
        ("dayline.submit", None),
    ]
