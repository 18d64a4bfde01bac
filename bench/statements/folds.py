"""Measure whole visits by models that have not seen the hand that wrote them: `python -m bench.statements.folds`.

The hands are dealt into folds. For each fold all models are learned from everything else, and the whole visits of the
fold are analysed with them; the text encoder has not seen the hand either (`encoder/unseen.npz`). The visits of one
hand resemble each other whatever they sell, so that folds by trade flatter. These figures flatter too: rules were
written with some of these visits in sight, and levels are chosen here.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from threadpoolctl import threadpool_limits

from bench.statements.__main__ import report
from bench.statements.dialogues import Dialogue
from bench.statements.encoder.unseen import read_by_other_hands, unseen_reads
from bench.statements.examples import save
from bench.statements.labelled import WHOLE_VISITS, dialogues, labelled
from bench.statements.measure import Tally, analyse, compare
from bench.statements.train import folds_of, learned
from dayline.scoring.facts import statement_model
from dayline.scoring.rubric import RubricAnalyst

FOLDS = 6


def write_models(folder: Path, folds: int) -> None:
    """Write the models of each fold to `fold_0` and so on."""
    inputs = labelled()
    fold = folds_of(inputs.dialogues, folds)
    for k in range(folds):
        with threadpool_limits(1):
            arrays = learned(inputs, [n for n, own in fold.items() if own == k])
        (folder / f"fold_{k}").mkdir(parents=True, exist_ok=True)
        save(folder / f"fold_{k}" / "statements.npz", arrays)


def visits_by_fold(folds: int) -> list[list[Dialogue]]:
    """Return the whole visits of each fold, of those that encoders of other hands have read."""
    everything = dialogues()
    fold = folds_of(everything, folds)
    read = unseen_reads().keys()
    whole = [n for n in fold if everything[n].split in WHOLE_VISITS and everything[n].id in read]
    return [[everything[n] for n in whole if fold[n] == k] for k in range(folds)]


def measured(folder: Path, visits: list[list[Dialogue]], error_rate: float) -> Tally:
    """Return the counts over the whole visits of all folds."""
    tally = Tally()
    for k, own in enumerate(visits):
        statement_model.SHIPPED = folder / f"fold_{k}" / "statements.npz"
        statement_model.statement_model.cache_clear()
        for dialogue in own:
            read_by_other_hands(dialogue.id, error_rate)
            transcript = dialogue.transcript(error_rate)
            compare(tally, dialogue, analyse(RubricAnalyst(), dialogue, transcript), transcript, is_rubric=True)
    return tally


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.statements.folds", description=__doc__)
    parser.add_argument("--folds", type=int, default=FOLDS)
    parser.add_argument("--models", type=Path, required=True, help="folder for the models of the folds")
    parser.add_argument("--keep", action="store_true", help="measure with the models that are in the folder already")
    parser.add_argument("--word-errors", type=float, nargs="+", default=[0.0, 0.1], choices=[0.0, 0.1])
    parser.add_argument("--notes", action="store_true", help="print every wrong and missed statement")
    options = parser.parse_args()
    if not options.keep:
        write_models(options.models, options.folds)
    visits = visits_by_fold(options.folds)
    for rate in options.word_errors:
        tally = measured(options.models, visits, rate)
        print(report(tally, f"{sum(map(len, visits))} whole visits out of fold, {rate:.0%} of the words wrong"))
        if options.notes:
            print("\n".join(f"  {note}" for note in tally.notes))


if __name__ == "__main__":
    main()
