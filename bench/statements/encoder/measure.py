"""Measure visits that no word model has seen, with encoders that have not seen the hand.

`python -m bench.statements.encoder.measure`. The rules and the word models never saw `visits_wide`. What the encoder
reads was recorded from the folds (`unseen.npz`). The weights that join the models and the levels were chosen here.
"""

from __future__ import annotations

import argparse

from bench.statements.__main__ import report
from bench.statements.dialogues import load
from bench.statements.encoder.unseen import read_by_other_hands
from bench.statements.labelled import READ_BY_ENCODER
from bench.statements.measure import Tally, analyse, compare
from dayline.scoring.rubric import RubricAnalyst


def measured(error_rate: float, every: int = 1) -> Tally:
    """Return the counts over the visits."""
    tally = Tally()
    for dialogue in load([READ_BY_ENCODER])[0][::every]:
        read_by_other_hands(dialogue.id, error_rate)
        transcript = dialogue.transcript(error_rate)
        compare(tally, dialogue, analyse(RubricAnalyst(), dialogue, transcript), transcript, is_rubric=True)
    return tally


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.statements.encoder.measure", description=__doc__)
    parser.add_argument("--word-errors", type=float, nargs="+", default=[0.0, 0.1], choices=[0.0, 0.1])
    parser.add_argument("--notes", action="store_true", help="print every wrong and missed statement")
    options = parser.parse_args()
    for rate in options.word_errors:
        tally = measured(rate)
        print(report(tally, f"{tally.counts['dialogues']} visits read out of fold, {rate:.0%} of the words wrong"))
        if options.notes:
            print("\n".join(f"  {note}" for note in tally.notes))


if __name__ == "__main__":
    main()
