"""Run the detector and the baselines over a file of days and print one table."""

from __future__ import annotations

import gzip
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from dayline.detection.benchmark import metrics
from dayline.detection.benchmark.baselines import BASELINES
from dayline.detection.benchmark.metrics import Report
from dayline.detection.detector import detect
from dayline.domain.timeline import DayContext
from dayline.domain.transcript import Transcript, Utterance

WITHOUT = ("context", "speakers")
_HEAD = (
    "| method | F1@.5 | P/R@.5 | F1@.8 | time P/R | edges med/p90 s | count MAE (bias) | false/empty day | WD/Pk "
    "| Brier/ECE |\n"
    "|---|---|---|---|---|---|---|---|---|---|"
)


def read_days(path: Path) -> list[dict[str, Any]]:
    """Yield every day of a JSON Lines file, gzipped or not."""
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode()
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def transcript_of(day: Mapping[str, Any], *, speakers: bool = True) -> Transcript:
    """Return the transcript of a day as the detector's input: utterances and duration, nothing else."""
    lines = tuple(
        Utterance(
            u["start_seconds"], u["end_seconds"], u["text"], u.get("speaker") if speakers else None, u.get("confidence")
        )
        for u in day["utterances"]
    )
    return Transcript(lines, day["duration_seconds"])


def context_of(day: Mapping[str, Any]) -> DayContext | None:
    """Return the organisation's context as the detector's input; None when there is none."""
    c = day.get("context")
    if not c:
        return None
    return DayContext(
        c.get("business") or "", c.get("sells") or "", c.get("playbook") or "", tuple(c.get("vocabulary") or ())
    )


def predict(day: Mapping[str, Any], without: Sequence[str] = ()) -> list[Report]:
    """Return the customer conversations that the detector finds in a day."""
    heard = transcript_of(day, speakers="speakers" not in without)
    found = detect(heard, context=None if "context" in without else context_of(day))
    return [Report(round(c.start_seconds, 3), round(c.end_seconds, 3), c.confidence) for c in found.customers]


def say(text: str) -> None:
    """Write a table to standard output."""
    sys.stdout.write(text + "\n")


def run(
    days_path: str | Path,
    predictions_path: str | Path | None = None,
    without: Sequence[str] = (),
    tell: Callable[[str], None] = say,
) -> dict[str, Any]:
    """Score the detector and the baselines on a file of days, print the tables and return the detector's figures.

    predictions_path: where to write one line per day, in the order of the file. without: input to leave out,
    "context" or "speakers". Raises ValueError for any other value.
    """
    unknown = [w for w in without if w not in WITHOUT]
    if unknown:
        raise ValueError(f"without takes {', '.join(WITHOUT)}, not {unknown[0]}")
    days = read_days(Path(days_path))
    began = time.perf_counter()
    found = {day["id"]: predict(day, without) for day in days}
    seconds = time.perf_counter() - began
    if predictions_path is not None:
        write_predictions(Path(predictions_path), days, found)
    if any("truth" not in day for day in days):
        tell(f"{len(days)} days in {seconds:.1f} s; no truth in the file, nothing to score")
        return {}
    result = metrics.full(days, found)
    result["seconds_per_day"] = seconds / max(1, len(days))
    tell(table(days, found, without))
    tell(details(result))
    return result


def write_predictions(path: Path, days: Sequence[Mapping[str, Any]], found: Mapping[str, Sequence[Report]]) -> None:
    """Write one JSON line per day with its conversations."""
    lines: list[str] = []
    for day in days:
        talks = [
            {"start_seconds": r.start_seconds, "end_seconds": r.end_seconds, "confidence": r.confidence}
            for r in found[day["id"]]
        ]
        lines.append(json.dumps({"id": day["id"], "conversations": talks}))
    path.write_text("\n".join(lines) + "\n")


def table(days: Sequence[Mapping[str, Any]], found: Mapping[str, Sequence[Report]], without: Sequence[str] = ()) -> str:
    """Return the table of the detector and the baselines, one row each."""
    name = "dayline" + (f" without {', '.join(without)}" if without else "")
    lines = [_HEAD, line(name, metrics.score(days, found))]
    for label, baseline in BASELINES.items():
        reports = {day["id"]: baseline(transcript_of(day)) for day in days}
        lines.append(line(label, metrics.score(days, reports)))
    return "\n".join(lines)


def line(name: str, r: Mapping[str, Any]) -> str:
    """Return one row of the table."""

    def g(key: str, digits: int) -> str:
        value = r.get(key)
        return "-" if value is None else f"{value:.{digits}f}"

    return (
        f"| {name} | {g('f1_50', 3)} | {g('p_50', 2)}/{g('r_50', 2)} | {g('f1_80', 3)} | "
        f"{g('time_precision', 2)}/{g('time_recall', 2)} | {g('boundary_err_median', 0)}/{g('boundary_err_p90', 0)} | "
        f"{g('count_mae', 2)} ({r['count_bias']:+.1f}) | {g('zero_day_false_per_day', 1)} | "
        f"{g('windowdiff', 3)}/{g('pk', 3)} | {g('brier', 2)}/{g('ece', 2)} |"
    )


def details(r: Mapping[str, Any]) -> str:
    """Return the figures by threshold, by tag and of the calibration, shown under the table."""
    out: list[str] = []
    for least in (metrics.LOOSE, metrics.STRICT):
        figures = {k: round(v, 3) for k, v in r[f"min_confidence_{least}"].items() if v is not None}
        out.append(f"reports of confidence {least} and more: {figures}")
    out.append("\n| day tag | days | conversations | reports | F1@.5 | F1@.8 |\n|---|---|---|---|---|---|")
    for tag, x in r["day_tags"].items():
        out.append(f"| {tag} | {x['days']} | {x['n']} | {x['pred']} | {x['f1_50']:.3f} | {x['f1_80']:.3f} |")
    out.append("\n| conversation tag | conversations | recall@.5 |\n|---|---|---|")
    for tag, x in r["conversation_tags_recall_50"].items():
        out.append(f"| {tag} | {x['n']} | {x['recall']:.3f} |")
    out.append("\n| confidence from | reports | mean confidence | right |\n|---|---|---|---|")
    out.extend(
        f"| {x['from']:.1f} | {x['reports']:.0f} | {x['confidence']:.2f} | {x['right']:.2f} |" for x in r["calibration"]
    )
    if "seconds_per_day" in r:
        out.append(f"\n{r['seconds_per_day']:.2f} s per day")
    return "\n".join(out)
