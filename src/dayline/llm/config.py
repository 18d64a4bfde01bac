"""Settings of language models: address, limits of time and size."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

OutputMode = Literal["schema", "tool", "json"]


@dataclass(frozen=True, slots=True)
class LanguageConfig:
    """Settings of an analyst. `name` is "rubric" (offline), "openai" (any server with that protocol) or "fake".

    Attributes:
        name: the kind of analyst.
        model: the model's name on its server.
        base_url: up to and including the version, e.g. "http://localhost:8000/v1"; empty means the provider's own.
        api_key: key of the server.
        output_mode: "schema" asks for JSON by a response format with the schema, "tool" by a tool call, "json" by a
            response format without a schema, which then stands in the instructions.
        timeout_seconds: limit of one request.
        deadline_seconds: limit of one conversation with all repetitions and windows.
        window_tokens: how much transcript goes into one question; a longer conversation is asked about in several.
        most_windows: a conversation that would take more windows is not asked about.
        windows_at_once: how many windows are asked about at the same time.
        max_output_tokens: limit of one answer.
        blip_retries: how often a failed connection or a 5xx answer is tried again.
        blip_wait_seconds: the first wait before that; each further one is four times as long.
        reader_tokens_per_day: limit of reading one day for the detector.
        reader_page_seconds: limit of one page of it.
        reader_pages_at_once: how many pages are read at the same time.

    """

    name: str = "rubric"
    model: str = ""
    base_url: str = ""
    api_key: str = field(default="", repr=False)
    output_mode: OutputMode = "schema"
    timeout_seconds: float = 90.0
    deadline_seconds: float = 300.0
    window_tokens: int = 12_000
    most_windows: int = 8
    windows_at_once: int = 3
    max_output_tokens: int = 4_000
    blip_retries: int = 2
    blip_wait_seconds: float = 0.5
    reader_tokens_per_day: int = 100_000
    reader_page_seconds: float = 60.0
    reader_pages_at_once: int = 4
