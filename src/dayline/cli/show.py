"""Print a finished day to the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

from rich.console import Console
from rich.padding import Padding

from dayline.analyses.schemas import ResultOf
from dayline.domain.stored_json import StoredInterval
from dayline.sessions.schemas import SegmentShown, SessionShown

_MOST_SURE = 0.99
"""Highest confidence that is shown. A detector is never certain, and .996 would be rounded to 100 %."""
_SHOWN_SECONDS = 5.0
_SHOWN_REASONS = 2


class ShownDay(TypedDict):
    """A day to print: the session, its timeline, and the results by analysis id."""

    session: SessionShown
    timeline: list[StoredInterval]
    analyses: Mapping[str, ResultOf | None]


def clock(seconds: float) -> str:
    """Format seconds as h:mm:ss."""
    whole = int(seconds)
    return f"{whole // 3600}:{whole % 3600 // 60:02d}:{whole % 60:02d}"


def show_day(day: ShownDay, console: Console) -> None:
    """Print the conversations, then the rest of the timeline."""
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
    recording, speakers = usage.get("recording"), usage.get("speakers")
    warnings = [*(recording.get("warnings", []) if recording else []), *(speakers["warnings"] if speakers else [])]
    for warning in warnings:
        console.print(f"[yellow]{warning}[/yellow]", highlight=False)
    console.print(f"\n[bold]Customer conversations: {len(session['segments'])}[/bold]")
    for segment in session["segments"]:
        analysis_id = segment["analysis_id"]
        _show_segment(segment, day["analyses"].get(analysis_id) if analysis_id else None, console)
    console.print("\n[bold]The rest of the day[/bold]")
    for interval in day["timeline"]:
        if interval["label"] != "customer" and interval["end_seconds"] - interval["start_seconds"] >= _SHOWN_SECONDS:
            why = interval["reasons"][0]["text"] if interval["reasons"] else ""
            console.print(
                f"  {_times(interval)}  {interval['label']:<12}  {why}".rstrip(), highlight=False, markup=False
            )


def _show_segment(segment: SegmentShown, result: ResultOf | None, console: Console) -> None:
    """Print time, customer and confidence; then offer, outcome, next steps, and the reasons of the report."""
    score = result["overall_score"] if result else None
    sure = "set by a person" if segment["confidence"] is None else f"{min(segment['confidence'], _MOST_SURE):.0%} sure"
    head = [_times(segment), segment["title"] or "Conversation", sure]
    if score is not None:
        head.append(f"score {score}")
    console.print("\n  " + "  ".join(head), highlight=False, markup=False)
    for name, text in _details(result) if result else ():
        console.print(Padding(f"{name:<8} {text}", (0, 0, 0, 4)), highlight=False, markup=False)
    for reason in _reasons(segment):
        console.print(Padding(f"{'why':<8} {reason}", (0, 0, 0, 4)), highlight=False, markup=False)


def _details(result: ResultOf) -> list[tuple[str, str]]:
    offers = [
        f"{offer['what'] or 'price'}: {offer['amount']:,.0f} {offer['currency'] or ''}".strip()
        for offer in result["offers"]
    ]
    steps = [f"{step['owner']}: {step['action']}" for step in result["next_steps"]]
    objections = [f"{o['kind']}: “{o['quote']}”" for o in result["objections"]]
    outcome = result["outcome"]
    found = [
        ("offered", "; ".join(offers)),
        ("objected", "; ".join(objections)),
        ("ended", "" if outcome == "unknown" else outcome.replace("_", " ")),
        ("next", "; ".join(steps)),
    ]
    return [(name, text) for name, text in found if text]


def _reasons(segment: SegmentShown) -> list[str]:
    """Return the two strongest reasons for a customer conversation, each with the time to listen to."""
    spoke_for = [r for r in segment["reasons"] if r["about"] in ("kind", "confidence") and r["weight"] >= 0]
    spoke_for.sort(key=lambda reason: -reason["weight"])
    return [f"{reason['text']} ({clock(reason['at_seconds'])})" for reason in spoke_for[:_SHOWN_REASONS]]


def _times(part: SegmentShown | StoredInterval) -> str:
    return f"{clock(part['start_seconds'])} to {clock(part['end_seconds'])}"
