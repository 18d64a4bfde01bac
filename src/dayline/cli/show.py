"""A finished day as text for the terminal."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.padding import Padding

_SHOWN_SECONDS = 5.0
_SHOWN_REASONS = 2


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
    console.print(f"\n[bold]Customer conversations: {len(session['segments'])}[/bold]")
    for segment in session["segments"]:
        _show_segment(segment, day["analyses"].get(segment["analysis_id"]), console)
    console.print("\n[bold]The rest of the day[/bold]")
    for interval in day["timeline"]:
        if interval["label"] != "customer" and interval["end_seconds"] - interval["start_seconds"] >= _SHOWN_SECONDS:
            why = interval["reasons"][0]["text"] if interval["reasons"] else ""
            console.print(
                f"  {_times(interval)}  {interval['label']:<12}  {why}".rstrip(), highlight=False, markup=False
            )


def _show_segment(segment: dict[str, Any], result: dict[str, Any] | None, console: Console) -> None:
    """Print when, who and how sure; then what was offered, how it ended, what comes next, and why it was reported."""
    score = (result or {}).get("overall_score")
    sure = "set by a person" if segment["confidence"] is None else f"{segment['confidence']:.0%} sure"
    head = [_times(segment), segment["title"] or "Conversation", sure]
    if score is not None:
        head.append(f"score {score}")
    console.print("\n  " + "  ".join(head), highlight=False, markup=False)
    for name, text in _details(result or {}):
        console.print(Padding(f"{name:<8} {text}", (0, 0, 0, 4)), highlight=False, markup=False)
    for reason in _reasons(segment):
        console.print(Padding(f"{'why':<8} {reason}", (0, 0, 0, 4)), highlight=False, markup=False)


def _details(result: dict[str, Any]) -> list[tuple[str, str]]:
    offers = [
        f"{offer['what'] or 'price'}: {offer['amount']:,.0f} {offer['currency'] or ''}".strip()
        for offer in result.get("offers") or ()
        if offer["amount"] is not None
    ]
    steps = [f"{step['owner']}: {step['action']}" for step in result.get("next_steps") or ()]
    objections = [f"{o['kind']}: “{o['quote']}”" for o in result.get("objections") or ()]
    outcome = result.get("outcome")
    found = [
        ("offered", "; ".join(offers)),
        ("objected", "; ".join(objections)),
        ("ended", "" if outcome in (None, "unknown") else str(outcome).replace("_", " ")),
        ("next", "; ".join(steps)),
    ]
    return [(name, text) for name, text in found if text]


def _reasons(segment: dict[str, Any]) -> list[str]:
    """Return the two strongest reasons that spoke for a customer conversation, each with the time to listen to."""
    spoke_for = [r for r in segment["reasons"] if r["about"] in ("kind", "confidence") and r["weight"] >= 0]
    spoke_for.sort(key=lambda reason: -reason["weight"])
    return [f"{reason['text']} ({clock(reason['at_seconds'])})" for reason in spoke_for[:_SHOWN_REASONS]]


def _times(part: dict[str, Any]) -> str:
    return f"{clock(part['start_seconds'])} to {clock(part['end_seconds'])}"
