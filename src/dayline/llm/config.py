"""Settings of language models: address, limits of time and size."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

OutputMode = Literal["schema", "tool"]


@dataclass(frozen=True, slots=True)
class LanguageConfig:
    """Settings of an analyst. `name` is "rubric" (offline), "openai" (any server with that protocol) or "fake".

    base_url: up to and including the version, e.g. "http://localhost:8000/v1"; empty means the provider's own.
    output_mode: "schema" asks for JSON by response format, "tool" by a tool call, for servers that know only one.
    timeout_seconds is one request, deadline_seconds the whole question with its repetitions. window_tokens is how much
    transcript goes into one question; a longer conversation is judged in several, `windows_at_once` at a time, and
        not at all
    when it would take more than `most_windows`. The deadline holds for the whole conversation.
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
