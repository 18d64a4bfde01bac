"""A finished day as a table for the terminal."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table


def clock(seconds: float) -> str:
    """Write seconds as h:mm:ss."""
    whole = int(seconds)
    return f"{whole // 3600}:{whole % 3600 // 60:02d}:{whole % 60:02d}"


def show_day(day: dict[str, Any], console: Console) -> None:
    """Print the conversations, then what the rest of the day was. `day` has session, timeline and analyses."""
    session = day["session"]
    if session["error"]:
        console.print(f"[red]{session['error']['code']}[/red] {session['error']['message']}", highlight=False)
        return
    usage = session["usage"]
    label = (
        " (the last fallback: most words of real talk are wrong, see docs/engines.md)"
        if usage.get("is_demo_quality")
        else ""
    )
    console.print(
        f"{clock(session['duration_seconds'] or 0)} recorded, {clock(usage.get('speech_seconds') or 0)} of speech, "
        f"recognised by {usage.get('transcriber') or 'nobody'}{label}",
        highlight=False,
    )
    warnings = [w for part in ("recording", "speakers") for w in (usage.get(part) or {}).get("warnings", [])]
    for warning in warnings:
        console.print(f"[yellow]{warning}[/yellow]", highlight=False)
    table = Table("start", "end", "confidence", "title", "score", "why", title="Customer conversations")
    for segment in session["segments"]:
        result = day["analyses"].get(segment["analysis_id"]) or {}
        table.add_row(
            clock(segment["start_seconds"]),
            clock(segment["end_seconds"]),
            "-" if segment["confidence"] is None else f"{segment['confidence']:.2f}",
            segment["title"] or "",
            str(result.get("overall_score", "-")),
            _why(segment),
        )
    console.print(table)
    rest = Table("start", "end", "what", "why", title="The rest of the day")
    for stretch in day["timeline"]:
        if stretch["label"] != "customer" and stretch["end_seconds"] - stretch["start_seconds"] >= 5:
            why = stretch["reasons"][0]["text"] if stretch["reasons"] else ""
            rest.add_row(clock(stretch["start_seconds"]), clock(stretch["end_seconds"]), stretch["label"], why)
    console.print(rest)


def _why(segment: dict[str, Any]) -> str:
    reasons = [r for r in segment["reasons"] if r["about"] in ("kind", "confidence") and r["weight"] >= 0]
    strongest = max(reasons or segment["reasons"], key=lambda r: abs(r["weight"]), default=None)
    return strongest["text"] if strongest else ""
