"""Trains the shipped detector: `python -m bench.detection.train --days 80 [--extra DAYS.jsonl.gz ...]`.

Inputs are days composed of the training part of the corpus (by seed), any further day files named on the command
line, and the table of confidence in `calibration/`. Their hashes are written to
`src/dayline/detection/models/ORIGIN.json`. Nothing is drawn without a seed: the same inputs on the same libraries and
machine give the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np

from bench.detection import calibration, daysfile, generate, language, learn, pool
from dayline.detection import gbdt
from dayline.detection.calibration import NAMES
from dayline.detection.features import day_topic, playbook
from dayline.detection.features.language import LanguageModel
from dayline.detection.features.utterance_arrays import tokenize

MODELS = Path(__file__).parents[2] / "src" / "dayline" / "detection" / "models"
SEED = 11
WITHOUT_LABELS_EVERY = 2
SPOKEN_TWICE = 2
FOLDS = 3


def cases_of(days: list[dict], model: LanguageModel) -> list[learn.Case]:
    """Every day as it is, and every labelled day once more without labels (every second one of the corpus).

    model: scores the wording; it must not have seen the dialogues of these days.
    """
    labelled = [d for d in days if any("speaker" in u for u in d["utterances"])]
    ours = [d for d in labelled if learn.of_corpus(d)]
    again = [*ours[::WITHOUT_LABELS_EVERY], *(d for d in labelled if not learn.of_corpus(d))]
    found = [*(learn.case(d, model) for d in days), *(learn.case(d, model, speakers=False) for d in again)]
    return [c for c in found if c is not None]


def corpus_cases(source: pool.Pool, count: int, seed: int = SEED) -> list[learn.Case]:
    """Days of the corpus in `FOLDS` parts, the wording of each scored by a model of the other parts."""
    out: list[learn.Case] = []
    for k in range(FOLDS):
        rest = source.fold(k, FOLDS, rest=True)
        model = language.fit(rest, language.of_pieces(rest))
        out += cases_of(generate.mixed(count // FOLDS, seed + k, source.fold(k, FOLDS)), model)
    return out


def fit_all(cases: list[learn.Case]) -> tuple[dict[str, gbdt.Forest], np.ndarray]:
    """All forests by name, and the weights of the evidence.

    What one model hands to the next comes from models that have not seen the business of the day, as in use.
    """
    rng = np.random.default_rng(1)
    for mine, rest in learn.folds_of(cases):
        boundaries = learn.fit_boundaries(rest)
        for c in mine:
            learn.propose(c, boundaries, rng)
    evidence = learn.fit_evidence(cases)
    learn.measure_contrast(cases, evidence)
    kind, edge = learn.fit_kind(cases), learn.fit_edge(cases)
    boundaries = learn.fit_boundaries(cases)
    return {"place": boundaries, "kind": kind, "edge": edge, **learn.fit_others(cases)}, evidence


def spoken_words(source: pool.Pool) -> list[str]:
    """How often people of all trades say what: rows "stem count", "*" for all; stems said once are left out."""
    counts = Counter(
        day_topic.stem(w)
        for pieces in source.pieces.values()
        for p in pieces
        for _, text in p.turns
        for w in tokenize(text)
        if day_topic.carries_subject(w)
    )
    rows = [f"{w} {n}" for w, n in sorted(counts.items()) if n >= SPOKEN_TWICE]
    return [f"* {sum(counts.values())}", *rows]


def sha256(path: Path) -> str:
    """Hash of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def save(arrays: dict[str, np.ndarray], path: Path) -> None:
    """Write an .npz whose bytes depend on the arrays alone."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        for name in sorted(arrays):
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.ascontiguousarray(arrays[name]), version=(1, 0), allow_pickle=False)
            z.writestr(
                zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0)),
                buffer.getvalue(),
                zipfile.ZIP_DEFLATED,
                9,
            )


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=80)
    parser.add_argument("--extra", type=Path, nargs="*", default=[])
    parser.add_argument("--calibration", type=Path, default=calibration.TABLE)
    parser.add_argument("--out", type=Path, default=MODELS)
    a = parser.parse_args()
    source = pool.read("train")
    model = language.fit(source, language.of_pieces(source))
    cases = corpus_cases(source, a.days)
    for path in a.extra:
        cases += cases_of(daysfile.read(path), model)
    spoken = spoken_words(source)
    with learn.everyday_words_in_use(playbook.table(row.split() for row in spoken)):
        forests, evidence = fit_all(cases)
    arrays = {"evidence": evidence}
    for name, forest in forests.items():
        arrays |= learn.arrays(name, forest)
    weights = json.loads(a.calibration.read_text())
    arrays["confidence"] = np.array([weights[name] for name in NAMES], dtype=np.float64)
    a.out.mkdir(parents=True, exist_ok=True)
    save(arrays, a.out / "detector.npz")
    (a.out / "language.tsv").write_text("\n".join(language.rows(model)) + "\n")
    (a.out / "spoken.txt").write_text("\n".join(spoken) + "\n")
    origin = {
        "calibration": {p.name: sha256(p) for p in (calibration.REPORTS, a.calibration)},
        "corpus": pool.digest("train"),
        "held_out": pool.digest("test"),
        "days": a.days,
        "seed": SEED,
        "extra": {p.name: sha256(p) for p in a.extra},
        "model": sha256(a.out / "detector.npz"),
        "lines": sha256(MODELS / "kind_network.npz"),
    }
    (a.out / "ORIGIN.json").write_text(json.dumps(origin, indent=1, sort_keys=True) + "\n")
    print(json.dumps(origin, indent=1))


if __name__ == "__main__":
    main()
