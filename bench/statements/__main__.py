"""Measure what an analyst says about the labelled dialogues: `python -m bench.statements`.

Prints precision and recall per fact, false statements per analysis, evidence that bears, contradictions, generic
sentences and the rank correlation with the labelled quality, for the words as said and with a share of them wrong, or
for the words that a recogniser heard (`--heard`).
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from bench.statements.dialogues import OWN_TEXT, Dialogue, load, with_heard
from bench.statements.measure import Tally, analyse, compare
from dayline.domain.transcript import Transcript, Utterance
from dayline.llm.config import LanguageConfig
from dayline.llm.registry import load_analyst
from dayline.processes.heap import collect_less_often
from dayline.scoring.facts import statement_model
from dayline.scoring.rubric import RubricAnalyst

_PRECISION = ("asks", "objections", "objection kinds", "steps", "step owners", "step times", "complete steps", "offers")
_OTHER = ("outcome", "prospect", "title", "topics", "points", "evidence", "absences")
_RECALL = ("asks", "objections", "steps", "offers")
_LONG_UTTERANCES = 4000
SPLITS = ["dev", "held_out", "check", "build", *OWN_TEXT]


def main() -> None:
    options = _options()
    if options.models:
        statement_model.SHIPPED = options.models / "statements.npz"
    analyst = _analyst(options)
    dialogues: list[Dialogue] = []
    for split in options.splits:
        dialogues, missing = load([split], options.corpus)
        if missing:
            print(f"{split}: {len(missing)} dialogues are not in the corpus: {', '.join(missing[:5])} ...")
        if options.heard:
            dialogues = with_heard(dialogues, options.heard)
            if not dialogues:
                raise SystemExit(f"{options.heard} has no dialogue of {split}: name the part that was heard.")
        for rate in (0.0,) if options.heard else (0.0, options.word_errors):
            tally = measured(analyst, dialogues, rate, options.analyst == "rubric")
            print(report(tally, f"{split}, {len(dialogues)} dialogues, {_words(options, rate)}"))
            if options.notes:
                print("\n".join(f"  {note}" for note in tally.notes))
    if options.analyst == "rubric":
        print(f"{_LONG_UTTERANCES} utterances: {cpu_seconds(analyst, dialogues):.2f} CPU s")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.statements", description=__doc__)
    parser.add_argument("--splits", nargs="+", default=["dev", "held_out", "check", "unseen", "blind"], choices=SPLITS)
    parser.add_argument("--word-errors", type=float, default=0.1, help="share of wrong words in the second run")
    parser.add_argument("--heard", type=Path, help="what a recogniser heard, as `bench.statements.heard` writes it")
    parser.add_argument("--corpus", nargs="*", type=Path, default=[], help="more folders with corpus files")
    parser.add_argument("--models", type=Path, help="folder with other models, as `train --out` writes them")
    parser.add_argument("--notes", action="store_true", help="print every wrong and missed statement")
    parser.add_argument("--analyst", default="rubric", choices=["rubric", "openai"])
    parser.add_argument("--model", default="")
    parser.add_argument("--base-url", default="")
    parser.add_argument("--api-key", default="")
    return parser.parse_args()


def _words(options: argparse.Namespace, rate: float) -> str:
    return f"words as heard in {options.heard.name}" if options.heard else f"{rate:.0%} of the words wrong"


def _analyst(options: argparse.Namespace):
    if options.analyst == "rubric":
        return RubricAnalyst()
    return load_analyst(
        LanguageConfig(options.analyst, model=options.model, base_url=options.base_url, api_key=options.api_key)
    )


def measured(analyst, dialogues: list[Dialogue], error_rate: float, is_rubric: bool) -> Tally:
    """Return the counts over all dialogues."""
    tally = Tally()
    for dialogue in dialogues:
        transcript = dialogue.transcript(error_rate)
        compare(tally, dialogue, analyse(analyst, dialogue, transcript), transcript, is_rubric)
    return tally


def report(tally: Tally, title: str) -> str:
    """Return the table of one run."""
    n, dialogues = tally.counts, tally.counts["dialogues"] or 1
    lines = [f"== {title}"]
    for name in _PRECISION + _OTHER:
        right, wrong = n[f"{name}.right"], n[f"{name}.wrong"]
        if right + wrong == 0:
            continue
        recall = ""
        if name in _RECALL and n[f"{name}.wanted"]:
            recall = (
                f"   recall {n[f'{name}.found'] / n[f'{name}.wanted']:.2f} ({n[f'{name}.found']} of "
                f"{n[f'{name}.wanted']})"
            )
        lines.append(f"{name:18} right {right / (right + wrong):.2f} ({right} of {right + wrong}){recall}")
    lines.append(f"outcome known      {1 - n['outcome.unknown'] / dialogues:.2f}")
    lines.append(f"false statements   {n['false statements'] / dialogues:.2f} per analysis")
    lines.append(f"contradictions     {n['absences.wrong']}")
    lines.append(f"generic sentences  {sum(1 for ids in tally.sentences.values() if len(ids) > 1)}")
    lines.append(f"rank correlation   {spearman(tally.scores):.2f}")
    if tally.twice_read:
        lines.append(f"with two readings  {spearman(tally.twice_read):.2f}")
    return "\n".join(lines)


def spearman(pairs: list[tuple[float, float]]) -> float:
    """Return the rank correlation of pairs, ties sharing their mean rank."""
    a, b = (_ranks([p[i] for p in pairs]) for i in (0, 1))
    mean = sum(a) / len(a)
    top = sum((x - mean) * (y - mean) for x, y in zip(a, b, strict=True))
    below = (sum((x - mean) ** 2 for x in a) * sum((y - mean) ** 2 for y in b)) ** 0.5
    return top / below if below else 0.0


def _ranks(values: list[float]) -> list[float]:
    order = sorted(values)
    return [(order.index(v) + len(order) - 1 - order[::-1].index(v)) / 2 for v in values]


def cpu_seconds(analyst, dialogues: list[Dialogue]) -> float:
    """Return the CPU seconds that one analysis of a conversation of 4,000 utterances takes in a computing process."""
    collect_less_often()
    utterances: list[Utterance] = []
    while len(utterances) < _LONG_UTTERANCES:
        for dialogue in dialogues:
            utterances += dialogue.transcript().utterances
    shifted = tuple(
        Utterance(5.0 * i, 5.0 * i + 4.5, u.text, u.speaker, 0.9) for i, u in enumerate(utterances[:_LONG_UTTERANCES])
    )
    transcript = Transcript(shifted, 5.0 * len(shifted), language="en")
    began = time.process_time()
    analyse(analyst, dialogues[0], transcript)
    return time.process_time() - began


if __name__ == "__main__":
    main()
