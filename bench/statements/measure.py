"""Comparing the statements of an analysis with the labels of a dialogue."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from bench.statements.dialogues import REP, Dialogue
from dayline.domain.analysis import AnalysisTask
from dayline.domain.transcript import Transcript
from dayline.scoring.conversation import Conversation
from dayline.scoring.facts import extract
from dayline.scoring.facts.given_names import GIVEN_NAMES
from dayline.scoring.metrics import measure
from dayline.scoring.quote_verification import verify
from dayline.scoring.report import assemble

_OUTCOMES = {"order": "sale", "appointment": "follow_up", "follow_up": "follow_up", "refused": "no_sale"}
_NUMBERS = {"one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "first", "second", "third"}
_CHECKED_COMPONENTS = {"asks": "asks", "next_steps": "steps"}


@dataclass
class Tally:
    """Counts over dialogues, and the lines that explain each miss."""

    counts: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    scores: list[tuple[float, float]] = field(default_factory=list)
    twice_read: list[tuple[float, float]] = field(default_factory=list)
    sentences: dict[str, set[str]] = field(default_factory=dict)

    def add(self, name: str, right: bool, note: str = "") -> None:
        """Count one statement as right or wrong."""
        self.counts[f"{name}.right" if right else f"{name}.wrong"] += 1
        if not right and note:
            self.notes.append(f"{name}: {note}")


def analyse(analyst: Any, dialogue: Dialogue, transcript: Transcript) -> dict[str, Any]:
    """Return the analysis of a dialogue as the API shows it, judged by its playbook with the labelled points added."""
    points = "\n".join(f"- {text}" for text, _ in dialogue.labels.get("points", []))
    task = AnalysisTask(REP, playbook=f"{points}\n", language="en", vocabulary=tuple(dialogue.playbook.split()))
    verified = verify(analyst.analyze(transcript, task), transcript)
    return assemble(transcript, verified, measure(transcript, REP), analyst.info)


def compare(
    tally: Tally, dialogue: Dialogue, analysis: dict[str, Any], transcript: Transcript, is_rubric: bool
) -> None:
    """Count what is right and wrong in one analysis."""
    labels = dialogue.labels
    before = _wrong(tally)
    if is_rubric:
        _asks(tally, dialogue, transcript)
    _objections(tally, dialogue, analysis, transcript)
    _offers(tally, dialogue, analysis)
    _outcome(tally, dialogue, analysis)
    if "steps" in labels:  # the splits build, check and written have no labels for the rest
        _steps(tally, dialogue, analysis, transcript)
        _names_and_title(tally, dialogue, analysis)
        _playbook(tally, dialogue, analysis)
        _evidence(tally, dialogue, analysis, transcript)
    _sentences(tally, dialogue, analysis)
    tally.counts["false statements"] += _wrong(tally) - before
    tally.counts["dialogues"] += 1
    tally.scores.append((analysis["overall_score"], float(labels["quality"])))
    if "second_quality" in labels:
        mean = (labels["quality"] + labels["second_quality"]) / 2
        tally.twice_read.append((analysis["overall_score"], mean))


_STATEMENTS = ("objections", "steps", "step times", "offers", "outcome", "prospect", "title", "points", "absences")


def _wrong(tally: Tally) -> int:
    return sum(tally.counts[f"{name}.wrong"] for name in _STATEMENTS)


def turns_at(transcript: Transcript, start: float, end: float) -> set[int]:
    """Return the numbers of the utterances that a span of time touches."""
    return {
        i for i, u in enumerate(transcript.utterances) if u.start_seconds < end - 0.01 and u.end_seconds > start + 0.01
    }


def _asks(tally: Tally, dialogue: Dialogue, transcript: Transcript) -> None:
    labels = dialogue.labels
    asks = extract(Conversation(transcript, REP)).asks
    wanted, allowed, found = set(labels["asks"]), set(labels["ok_asks"]), set[int]()
    for ask in asks.found:
        turns = turns_at(transcript, ask.quote.start_seconds, ask.quote.end_seconds)
        if turns & wanted:
            found |= turns & wanted
            tally.add("asks", True)
        elif not turns & allowed:
            tally.add("asks", False, f"{dialogue.id} {sorted(turns)} {ask.quote.text}")
    _recall(tally, "asks", dialogue, wanted, found)
    if asks.is_absence_known:
        tally.add("absences", not wanted, f"{dialogue.id} no request stated")


def _recall(tally: Tally, name: str, dialogue: Dialogue, wanted: set[int], found: set[int]) -> None:
    tally.counts[f"{name}.wanted"] += len(wanted)
    tally.counts[f"{name}.found"] += len(wanted & found)
    tally.notes += [
        f"{name} missed: {dialogue.id} {t} {dialogue.turns[t]['t'].strip()}" for t in sorted(wanted - found)
    ]


def _objections(tally: Tally, dialogue: Dialogue, analysis: dict[str, Any], transcript: Transcript) -> None:
    labels = dialogue.labels
    wanted = {int(t): kinds.split("|") for t, kinds in labels["objections"]}
    found: set[int] = set()
    for item in analysis["objections"]:
        turns = turns_at(transcript, item["start_seconds"], item["end_seconds"])
        hits = turns & set(wanted)
        if hits:
            found |= hits
            tally.add("objections", True)
            if item["kind"] != "other":  # where the kind is not clear, none is stated
                is_right = any(item["kind"] in wanted[t] for t in hits)
                tally.add("objection kinds", is_right, f"{dialogue.id} {item['kind']}")
        elif not turns & set(labels["ok_objections"]):
            tally.add("objections", False, f"{dialogue.id} {sorted(turns)} {item['kind']} {item['quote']}")
    _recall(tally, "objections", dialogue, set(wanted), found)


def _steps(tally: Tally, dialogue: Dialogue, analysis: dict[str, Any], transcript: Transcript) -> None:
    labels = dialogue.labels
    wanted: dict[int, list[str]] = {int(t): [] for t, _, _ in labels["steps"]}
    owners: dict[int, set[str]] = {t: set() for t in wanted}
    for t, owner, when in labels["steps"]:  # a turn may tell several
        wanted[int(t)] += (when or "").split("|")
        owners[int(t)].add(owner)
    near = {t + d: t for t in wanted for d in (-2, -1, 1)} | {t: t for t in wanted}
    found: set[int] = set()
    for item in analysis["next_steps"]:
        turns = turns_at(transcript, item["start_seconds"], item["end_seconds"])
        hits = {near[t] for t in turns if t in near and (t in wanted or item["action"].startswith("Appointment"))}
        hits = {t for t in turns if t in wanted} or hits
        note = f"{dialogue.id} {sorted(turns)} {item['owner']} {item['action']} | {item['when']}"
        if hits:
            found |= hits
            tally.add("steps", True)
            tally.add("step owners", any(item["owner"] in owners[t] for t in hits), note)
            if item["when"]:
                right = any(same_time(item["when"], w) for t in hits for w in wanted[t]) or bool(
                    turns & set(labels["ok_steps"])
                )
                tally.add("step times", right, note)
        elif not turns & set(labels["ok_steps"]):
            tally.add("steps", False, note)
        tally.add("complete steps", _is_complete(item, turns, transcript), note)
    _recall(tally, "steps", dialogue, set(wanted), found)


def same_time(said: str, label: str) -> bool:
    """Return whether two times name the same day, and the same clock time where both name one."""
    if not label:
        return False
    day_a, _, clock_a = said.lower().replace("-", " ").partition(" at ")
    day_b, _, clock_b = label.lower().replace("-", " ").partition(" at ")
    strip = re.compile(r"\b(?:the|this|next|of|am|pm|in)\b")
    one, two = (set(strip.sub("", d).split()) for d in (day_a, day_b))
    if not one & two and (day_a or day_b) and day_a != day_b:
        return False
    clean_a, clean_b = strip.sub("", clock_a).strip(), strip.sub("", clock_b).strip()
    return not clean_a or not clean_b or clean_a == clean_b


def _is_complete(item: dict[str, Any], turns: set[int], transcript: Transcript) -> bool:
    """Return whether a step's quote is a whole utterance or ends where a sentence or an utterance ends."""
    last = transcript.utterances[max(turns)] if turns else None
    if last is None:
        return False
    return item["quote"].rstrip().endswith((".", "!", "?")) or abs(last.end_seconds - item["end_seconds"]) < 1.5


def _offers(tally: Tally, dialogue: Dialogue, analysis: dict[str, Any]) -> None:
    wanted = {(int(t), float(a)) for t, a in dialogue.labels["offers"]}
    amounts = {a for _, a in wanted}
    found: set[float] = set()
    for item in analysis["offers"]:
        right = float(item["amount"]) in amounts
        if not right and any(float(a) == float(item["amount"]) for _, a in dialogue.labels.get("ok_offers", ())):
            continue
        found.add(float(item["amount"]))
        tally.add("offers", right, f"{dialogue.id} {item['amount']} {item['what']} {item['quote']}")
    tally.counts["offers.wanted"] += len(amounts)
    tally.counts["offers.found"] += len(amounts & found)


def _outcome(tally: Tally, dialogue: Dialogue, analysis: dict[str, Any]) -> None:
    said = analysis["outcome"]
    if said == "unknown":
        tally.counts["outcome.unknown"] += 1
        return
    right = said in {_OUTCOMES.get(o) for o in dialogue.labels["outcome"]}
    tally.add("outcome", right, f"{dialogue.id} said {said}, was {'|'.join(dialogue.labels['outcome'])}")


def _names_and_title(tally: Tally, dialogue: Dialogue, analysis: dict[str, Any]) -> None:
    labels = dialogue.labels
    said = analysis["prospect_name"]
    if said:
        right = any(set(said.lower().split()) & set(p.lower().split()) - {"mr", "mrs"} for p in labels["prospect"])
        tally.add("prospect", right, f"{dialogue.id} {said}")
    title = analysis["recording_title"]
    about = title.split(" with ")[0]
    if about.startswith("Conversation"):
        tally.counts["title.plain"] += 1
        return
    words = [w for w in re.findall(r"[a-z]+", about.lower()) if w != "and"]
    names = {n.lower() for p in [*labels["prospect"], labels["rep"] or ""] for n in p.split()} | GIVEN_NAMES
    topics = set(labels["topics"])  # "grant" is a name too
    bad = [w for w in words if (w in names or w in _NUMBERS) and w not in topics]
    tally.add("title", not bad, f"{dialogue.id} {title}")
    accepted = [w for w in words if any(w.startswith(t) or t.startswith(w.rstrip("s")) for t in labels["topics"])]
    tally.add("topics", bool(accepted), f"{dialogue.id} {title}")


def _playbook(tally: Tally, dialogue: Dialogue, analysis: dict[str, Any]) -> None:
    wanted = dict(dialogue.labels["points"])
    for point in analysis["playbook_points"]:
        label = wanted.get(point["text"])
        if label is None:
            continue
        if point["covered"] == "unclear":
            tally.counts["points.unclear"] += 1
            continue
        tally.add("points", point["covered"] == label, f"{dialogue.id} {point['text']} said {point['covered']}")


def _evidence(tally: Tally, dialogue: Dialogue, analysis: dict[str, Any], transcript: Transcript) -> None:
    labels = dialogue.labels
    wrong = {(component, int(turn)) for component, turn in labels.get("wrong_evidence", [])}
    for item in analysis["evidence"]:
        about = item["about"] or {}
        component = about.get("component") or next(iter(about), "")
        turns = turns_at(transcript, item["start_seconds"], item["end_seconds"])
        bears = not any((component, t) in wrong for t in turns)
        kind = _CHECKED_COMPONENTS.get(component)
        if kind:
            bears = bool(
                turns & ({int(s[0]) if isinstance(s, list) else s for s in labels[kind]} | set(labels[f"ok_{kind}"]))
            )
        if about.get("pillar") == "objection":
            places = {int(t) for t, _ in labels["objections"]} | set(labels["ok_objections"])
            bears = bool(turns & places) or any(t - d in places for t in turns for d in (1, 2, 3))
        tally.add("evidence", bears, f"{dialogue.id} {component} {sorted(turns)} {item['quote'][:90]}")


def _sentences(tally: Tally, dialogue: Dialogue, analysis: dict[str, Any]) -> None:
    plan = analysis["action_plan_v5"]
    said = [analysis["double_down"], plan["double_down_implementation"], plan["general_communication_improvement"]]
    said += [t for f in analysis["feedback_v5"].values() for t in f.values()]
    for text in filter(None, said):
        tally.sentences.setdefault(text, set()).add(dialogue.id)
