"""The page of a share link: plain HTML in one piece, without scripts, and nothing from elsewhere but its sound."""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Iterator
from itertools import groupby

from dayline.audio.clip import MAX_SECONDS
from dayline.shares.schemas import SharedConversation, SharedLine

_SPEAKER_COLOURS = 6

_STYLE = """
:root{color-scheme:light dark;--paper:#fff;--ink:#1b1f24;--soft:#57606a;--line:#d0d7de;--band:#f6f8fa;--warn:#fff3cd;
--s0:#0550ae;--s1:#953800;--s2:#116329;--s3:#6639ba;--s4:#99286e;--s5:#57606a}
@media (prefers-color-scheme:dark){:root{--paper:#0d1117;--ink:#e6edf3;--soft:#9aa4af;--line:#30363d;--band:#161b22;
--warn:#3a2d00;--s0:#79c0ff;--s1:#ffa657;--s2:#7ee787;--s3:#d2a8ff;--s4:#ff9bce;--s5:#9aa4af}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:17px/1.6 system-ui,sans-serif;overflow-wrap:anywhere}
header,main,footer{max-width:46rem;margin:0 auto;padding:0 1.25rem}
header{padding-top:2rem}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 .75rem}
h2{font-size:1.1rem;margin:2rem 0 .75rem}
.facts{display:flex;flex-wrap:wrap;gap:.25rem 1.75rem;margin:0}
.facts div{display:flex;gap:.5rem}
.facts dt{color:var(--soft)}
.facts dd{margin:0}
.notice{background:var(--warn);border:1px solid var(--line);border-radius:.5rem;padding:.6rem .9rem;margin:1.25rem 0 0}
.sound{margin:0 0 1rem}
.sound figcaption{color:var(--soft);font-size:.9rem}
audio{width:100%;display:block;margin-top:.25rem}
.turns{list-style:none;margin:0;padding:0}
.turn{border-top:1px solid var(--line);padding:.8rem 0;break-inside:avoid}
.turn h3{font-size:1rem;margin:0;color:var(--s5)}
.turn p{margin:.2rem 0 0;display:flex;gap:1rem}
.turn p span{flex:1}
time{color:var(--soft);font-size:.85rem;font-variant-numeric:tabular-nums}
.turn time{min-width:3.2rem;text-align:end;padding-top:.15rem}
.s0{color:var(--s0)!important}.s1{color:var(--s1)!important}.s2{color:var(--s2)!important}
.s3{color:var(--s3)!important}.s4{color:var(--s4)!important}.s5{color:var(--s5)!important}
footer{border-top:1px solid var(--line);color:var(--soft);font-size:.9rem;margin-top:2.5rem;padding-top:1rem;
padding-bottom:2rem}
@media print{:root{color-scheme:light;--paper:#fff;--ink:#000;--soft:#444;--line:#999;--warn:#fff;--s0:#000;--s1:#000;
--s2:#000;--s3:#000;--s4:#000;--s5:#000}body{font-size:11pt}.sounds{display:none}header,main,footer{max-width:none}}
"""

STYLE_SOURCE = f"'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'"
"""What a Content-Security-Policy names, so that this style sheet and no other one is used."""


def conversation(shown: SharedConversation, token: str) -> str:
    """Return the page of a conversation. Times are in UTC, because the reader's time zone is unknown."""
    facts = [("Length", clock(shown.duration_seconds))]
    if shown.recorded_at is not None:
        facts.insert(0, ("Recorded", f"{shown.recorded_at:%Y-%m-%d %H:%M} UTC"))
    facts.append(("Link works until", f"{shown.expires_at:%Y-%m-%d %H:%M} UTC"))
    rows = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in facts)
    head = f"<dl class='facts'>{rows}</dl>"
    if shown.is_demo_quality:
        head += "<p class='notice'>The words come from a fallback recogniser: expect most of them to be wrong.</p>"
    body = ""
    if shown.audio:
        body += f"<section class='sounds'><h2>Sound</h2>{_players(shown.duration_seconds, token)}</section>"
    body += f"<section><h2>Words</h2>{_words(shown)}</section>"
    foot = (
        "The words were recognised by a machine and may be wrong. This page shows one conversation of a longer "
        "recording; whoever sent the link can close it before it expires."
    )
    return _page(shown.title or "Conversation", head, body, foot)


def closed(message: str) -> str:
    """Return the page of a link that does not work."""
    return _page("Nothing to see here", "", f"<p>{html.escape(message)}</p>", "")


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
            f"<figure class='sound'><figcaption>{label}</figcaption>"
            f"<audio controls preload='none' src='{address}' aria-label='Sound, {label}'></audio></figure>"
        )
        start = end
    return "".join(found)


def _words(shown: SharedConversation) -> str:
    if not shown.has_transcript:
        return "<p>The transcript has been deleted, as its owner's rules ask.</p>"
    if not shown.lines:
        return "<p>No words were recognised.</p>"
    return f"<ol class='turns'>{''.join(_turns(shown.lines))}</ol>"


def _turns(lines: list[SharedLine]) -> Iterator[str]:
    """Write what one speaker says without a break as one item."""
    speakers = list(dict.fromkeys(line.speaker for line in lines if line.speaker))
    for speaker, said in groupby(lines, key=lambda line: line.speaker):
        colour = speakers.index(speaker) % _SPEAKER_COLOURS if speaker else _SPEAKER_COLOURS - 1
        name = f"<h3 class='s{colour}'>{html.escape(speaker)}</h3>" if speaker else ""
        yield f"<li class='turn'>{name}{''.join(_line(line) for line in said)}</li>"


def _line(line: SharedLine) -> str:
    return f"<p><time>{clock(line.start_seconds)}</time><span dir='auto'>{html.escape(line.text)}</span></p>"


def _page(title: str, head: str, body: str, foot: str) -> str:
    name = html.escape(title)
    footer = f"<footer><p>{foot}</p></footer>" if foot else ""
    return (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{name}</title>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        "<meta name='robots' content='noindex, nofollow, noarchive'>"
        f"<style>{_STYLE}</style></head>"
        f"<body><header><h1>{name}</h1>{head}</header><main>{body}</main>{footer}</body></html>"
    )
