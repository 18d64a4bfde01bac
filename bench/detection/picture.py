"""Draws the results: one day (truth above, the detector below) and the reliability of the confidence, as SVG.

`python -m bench.detection.picture --days DAYS.jsonl.gz --day own-003 --out bench/detection/results`
"""

from __future__ import annotations

import argparse
from pathlib import Path

from bench.detection import daysfile
from dayline.detection import detect
from dayline.detection.benchmark import metrics, runner

COLOURS = {
    "customer": "#1b7f5c",
    "internal": "#4a6fa5",
    "personal": "#c77d3a",
    "radio": "#8d6a9f",
    "broadcast": "#8d6a9f",
    "errand": "#b0a158",
    "memo": "#999999",
    "other_speech": "#cccccc",
    "silence": "#f4f4f4",
}
WIDTH, BAR, LEFT = 1000, 36, 70


def day_picture(day: dict) -> str:
    """The day as two bars over a clock."""
    total = day["duration_seconds"]
    found = detect(daysfile.transcript(day), context=daysfile.context(day))

    def bar(y: int, a: float, b: float, kind: str) -> str:
        x, w = LEFT + a / total * WIDTH, max(0.5, (b - a) / total * WIDTH)
        title = f"<title>{kind} {a:.0f}-{b:.0f} s</title>"
        return f'<rect x="{x:.1f}" y="{y}" width="{w:.1f}" height="{BAR}" fill="{COLOURS[kind]}">{title}</rect>'

    parts = [
        bar(20, 0, total, "silence"),
        *(bar(20, t["start_seconds"], t["end_seconds"], t["kind"]) for t in day["truth"]),
    ]
    parts += [bar(70, s.start_seconds, s.end_seconds, s.label) for s in found.timeline]
    for c in found.customers:
        x = LEFT + (c.start_seconds + c.end_seconds) / 2 / total * WIDTH
        parts.append(f'<text x="{x:.1f}" y="120" text-anchor="middle">{c.confidence:.2f}</text>')
    hours = range(int(total // 3600) + 1)
    parts += [f'<text x="{LEFT + h * 3600 / total * WIDTH:.1f}" y="138">{h} h</text>' for h in hours]
    parts += ['<text x="0" y="43">truth</text>', '<text x="0" y="93">found</text>']
    names = [k for k in COLOURS if k not in ("radio", "silence")]
    for i, name in enumerate(names):
        parts.append(f'<rect x="{LEFT + i * 120}" y="150" width="12" height="12" fill="{COLOURS[name]}"/>')
        parts.append(f'<text x="{LEFT + 16 + i * 120}" y="161">{name.replace("_", " ")}</text>')
    return _svg(LEFT + WIDTH + 10, 170, parts)


def reliability(table: list[dict]) -> str:
    """Confidence against the share that was right; the area of a dot follows the number of reports."""
    size, parts = 300, []
    most = max((x["reports"] for x in table), default=1)
    parts.append(f'<line x1="40" y1="{size + 10}" x2="{size + 40}" y2="10" stroke="#999" stroke-dasharray="4"/>')
    parts.append(f'<rect x="40" y="10" width="{size}" height="{size}" fill="none" stroke="#333"/>')
    for x in table:
        cx, cy = 40 + x["confidence"] * size, 10 + (1 - x["right"]) * size
        r = 3 + 14 * (x["reports"] / most) ** 0.5
        title = f"<title>{x['reports']:.0f} reports</title>"
        parts.append(
            f'<circle cx="{cx:.1f}" cy="{cy:.1f}" r="{r:.1f}" fill="#1b7f5c" fill-opacity="0.6">{title}</circle>'
        )
    for k in range(0, 11, 2):
        parts.append(f'<text x="{40 + k / 10 * size:.0f}" y="{size + 26}" text-anchor="middle">{k / 10}</text>')
        parts.append(f'<text x="8" y="{14 + (1 - k / 10) * size:.0f}">{k / 10}</text>')
    parts.append(f'<text x="{40 + size / 2}" y="{size + 44}" text-anchor="middle">confidence</text>')
    return _svg(size + 60, size + 54, parts)


def _svg(width: int, height: int, parts: list[str]) -> str:
    style = '<style>text{font:12px sans-serif;fill:#333}</style><rect width="100%" height="100%" fill="white"/>'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
    return head + style + "".join(parts) + "</svg>\n"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=Path, required=True)
    parser.add_argument("--day", required=True)
    parser.add_argument("--out", type=Path, required=True)
    a = parser.parse_args()
    days = daysfile.read(a.days)
    a.out.mkdir(parents=True, exist_ok=True)
    (a.out / "day.svg").write_text(day_picture(next(d for d in days if d["id"] == a.day)))
    result = metrics.score(days, {d["id"]: runner.predict(d) for d in days})
    (a.out / "reliability.svg").write_text(reliability(result["calibration"]))


if __name__ == "__main__":
    main()
