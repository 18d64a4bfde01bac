"""The page of a share link: plain HTML without scripts."""

from __future__ import annotations

import html
import re

from dayline.audio.clip import MAX_SECONDS
from dayline.shares.schemas import SharedConversation, SharedLine


def conversation(shown: SharedConversation, token: str) -> str:
    """Return the page of a conversation. Times are in UTC, because the reader's time zone is unknown."""
    title = shown.title or "Conversation"
    facts = [f"Length {clock(shown.duration_seconds)}"]
    if shown.recorded_at is not None:
        facts.insert(0, f"Recorded {shown.recorded_at:%Y-%m-%d %H:%M} UTC")
    facts.append(f"This link works until {shown.expires_at:%Y-%m-%d %H:%M} UTC")
    parts = [f"<p>{html.escape(' · '.join(facts))}</p>"]
    if shown.is_demo_quality:
        parts.append(
            "<p><strong>The words come from a fallback recogniser: expect most of them to be wrong.</strong></p>"
        )
    if shown.audio:
        parts.append("<h2>Sound</h2>" + _players(shown.duration_seconds, token))
    parts.append("<h2>Words</h2>")
    if not shown.has_transcript:
        parts.append("<p>The transcript has been deleted, as its owner's rules ask.</p>")
    elif not shown.lines:
        parts.append("<p>No words were recognised.</p>")
    else:
        parts.append(f"<dl>{''.join(_line(line) for line in shown.lines)}</dl>")
    return _page(title, "".join(parts))


def closed(message: str) -> str:
    """Return the page of a link that does not work."""
    return _page("Nothing to see here", f"<p>{html.escape(message)}</p>")


def clock(seconds: float) -> str:
    """Write seconds as 1:02:03 or 2:03."""
    whole = int(seconds)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"


def _players(duration_seconds: float, token: str) -> str:
    found: list[str] = []
    start = 0.0
    while start < duration_seconds:
        end = min(start + MAX_SECONDS, duration_seconds)
        label = f"{clock(start)} to {clock(end)}"
        address = html.escape(f"/v1/shared/{token}/audio?start={start:.3f}&end={end:.3f}", quote=True)
        found.append(
            f"<p>{label}<br><audio controls preload='none' src='{address}' aria-label='Sound, {label}'></audio></p>"
        )
        start = end
    return "".join(found)


def _line(line: SharedLine) -> str:
    who = f" <b>{html.escape(_name(line.speaker))}</b>" if line.speaker else ""
    return f"<dt><time>{clock(line.start_seconds)}</time>{who}</dt><dd dir='auto'>{html.escape(line.text)}</dd>"


def _name(speaker: str) -> str:
    """Return a voice's name as the console writes it: as a person gave it, "Rep", or "Voice 1" for SPEAKER_01."""
    if speaker == "REP":
        return "Rep"
    number = re.fullmatch(r"SPEAKER_(\d+)", speaker)
    return f"Voice {int(number[1])}" if number else speaker


def _page(title: str, body: str) -> str:
    name = html.escape(title)
    return (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{name}</title>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        "<meta name='robots' content='noindex, nofollow, noarchive'>"
        "<link rel='stylesheet' href='/docs/assets/pages.css'></head>"
        f"<body class='text shared'><main><h1>{name}</h1>{body}</main></body></html>"
    )
