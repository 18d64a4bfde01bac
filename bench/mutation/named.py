"""Run the mutants of a list, each one change that a reader named, against the tests nearest to it.

    python -m bench.mutation.named [--only TEXT]

Works on a copy of `src`, so that the checkout stays as it is. The tests of a mutant must pass on the unchanged copy.
Prints a table; exit status 1 when a mutant survives.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DIRECTIONS, READER = "tests/detection/test_directions.py", "tests/detection/test_reader.py"
PARTS, REASONS = "tests/detection/test_parts.py", "tests/detection/test_reasons.py"
STATEMENTS = "tests/scoring/test_statement_directions.py"


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: in `file`, `old` (found once) becomes `new`; `tests` should notice.

    name: what the change does.
    """

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


MUTANTS = (
    Mutant(
        "a hint has no weight",
        "detection/scoring.py",
        "HINT_WEIGHT * _hint",
        "0.0 * _hint",
        (f"{DIRECTIONS}::test_an_appointment_raises_the_candidates_it_covers_and_no_others",),
    ),
    Mutant(
        "a day on which nothing is clear is not held back",
        "detection/scoring.py",
        "-NOTHING_CLEAR_PENALTY * _amb",
        "-0.0 * _amb",
        (f"{DIRECTIONS}::test_a_day_without_labels_on_which_nothing_is_clear_is_held_back",),
    ),
    Mutant(
        "a verified answer of a reader moves nothing",
        "detection/reader_fusion.py",
        'h.added["reader"] = kind',
        'h.added["reader"] = 0.0 * kind',
        (f"{READER}::test_a_verified_piece_moves_the_kind_the_right_way",),
    ),
    Mutant(
        "a verified answer of a reader moves the wrong way",
        "detection/reader_fusion.py",
        'h.added["reader"] = kind',
        'h.added["reader"] = -kind',
        (f"{READER}::test_a_verified_piece_moves_the_kind_the_right_way",),
    ),
    Mutant(
        "talk of an unsure kind is never called unknown",
        "detection/residual_labels.py",
        'KINDS[best] if sure >= LEAST_SURE else "unknown"',
        "KINDS[best]",
        (f"{DIRECTIONS}::test_talk_of_an_unsure_kind_is_called_unknown",),
    ),
    Mutant(
        "the sound of a broadcast counts nothing for other talk",
        "detection/residual_labels.py",
        "+= BROADCAST_LOG_ODDS * broadcast_share",
        "+= 0.0 * broadcast_share",
        (f"{DIRECTIONS}::test_broadcast_sound_speaks_against_a_conversation_and_for_a_broadcast",),
    ),
    Mutant(
        "the prices of a report are swapped",
        "detection/selection.py",
        "    if not has_voices:\n        return PRICE_WITHOUT_LABELS",
        "    if has_voices:\n        return PRICE_WITHOUT_LABELS",
        (f"{DIRECTIONS}::test_without_labels_a_report_costs_less",),
    ),
    Mutant(
        "reasons say the opposite",
        "detection/explanations.py",
        "_reason_text(h, i, name, weight > 0, reading)",
        "_reason_text(h, i, name, weight <= 0, reading)",
        (f"{REASONS}::test_the_text_of_a_reason_says_what_its_sign_says",),
    ),
    Mutant(
        "the weight of the kind's forest is left out of the reasons",
        "detection/explanations.py",
        "contributions = weight * gbdt",
        "contributions = 3.0 * gbdt",
        (f"{PARTS}::test_reasons_share_out_what_the_scores_add_up_to",),
    ),
    Mutant(
        "reasons for a boundary tell what speaks against it",
        "detection/explanations.py",
        "if moved[g] > 0 and",
        "if moved[g] < 0 and",
        (f"{REASONS}::test_a_reason_for_a_boundary_speaks_for_it_and_stands_at_it",),
    ),
    Mutant(
        "a reason for an end stands at the next line",
        "detection/explanations.py",
        '    if about == "end":\n',
        "    if False:\n",
        (f"{REASONS}::test_a_reason_for_a_boundary_speaks_for_it_and_stands_at_it",),
    ),
    Mutant(
        "what speaks against a kind is told first",
        "detection/explanations.py",
        "return weight < 0, min(",
        "return weight > 0, min(",
        (f"{REASONS}::test_reasons_tell_what_speaks_for_the_kind_first",),
    ),
    Mutant(
        "a report costs nothing",
        "detection/selection.py",
        "worth = chance - price",
        "worth = chance - 0 * price",
        (f"{PARTS}::test_the_best_set_is_the_best_of_all_sets",),
    ),
    Mutant(
        "of two reports that overlap the worse one is kept",
        "detection/selection.py",
        "with_it > total[i]",
        "with_it < total[i]",
        (f"{PARTS}::test_the_best_set_is_the_best_of_all_sets",),
    ),
    Mutant(
        "reports may overlap",
        "detection/selection.py",
        "            i = int(free[i - 1])\n",
        "            i -= 1\n",
        (f"{PARTS}::test_the_best_set_is_the_best_of_all_sets",),
    ),
    Mutant(
        "the level of the kind is added instead of taken off",
        "detection/selection.py",
        "kind - level",
        "kind + level",
        (f"{DIRECTIONS}::test_a_report_needs_more_than_its_price_above_the_levels",),
    ),
    Mutant(
        "boundaries do not matter for what is reported",
        "detection/selection.py",
        "* logistic(edge - EDGE_LEVEL)",
        "* logistic(0 * edge + 9)",
        (f"{DIRECTIONS}::test_the_chance_of_a_report_rises_with_kind_and_edges_and_needs_both",),
    ),
    Mutant(
        "a short recording costs as much as a day",
        "detection/selection.py",
        "return PRICE_OF_SHORT if is_short else PRICE",
        "return PRICE",
        (f"{PARTS}::test_a_report_in_a_short_recording_costs_less",),
    ),
    Mutant(
        "who serves counts as who asks",
        "detection/features/service_direction.py",
        "(2 * rep - 1) * (asks - serves)",
        "(2 * rep - 1) * (asks + serves)",
        (f"{DIRECTIONS}::test_where_the_rep_asks_for_a_service_the_rep_is_the_customer",),
    ),
    Mutant(
        "a caption may last for ever",
        "sessions/captions.py",
        "_MAX_CUE_SECONDS = 6.0",
        "_MAX_CUE_SECONDS = 1e9",
        ("tests/sessions/test_captions.py",),
    ),
    Mutant(
        "a paragraph goes on over any pause",
        "sessions/captions.py",
        "_PARAGRAPH_SECONDS = 30.0",
        "_PARAGRAPH_SECONDS = 1e9",
        ("tests/sessions/test_captions.py",),
    ),
    Mutant(
        "the rate limiter never refills",
        "http/rate_limit.py",
        "math.ceil(burst * 60 / per_minute))",
        "math.ceil(burst * 60 / per_minute)) * 10**6",
        ("tests/http/test_rate_limit.py::test_a_burst_is_allowed_and_comes_back_with_time",),
    ),
    Mutant(
        "the rate limiter forgets no name",
        "http/rate_limit.py",
        "for name, kept in self._counters.items() if name[1] >= window - 1}",
        "for name, kept in self._counters.items()}",
        ("tests/http/test_rate_limit.py::test_counters_of_windows_that_are_over_are_forgotten",),
    ),
    Mutant(
        "waits of webhooks do not vary",
        "webhooks/delivery.py",
        "(1 + random.uniform(-self.jitter, self.jitter))",
        "(1 + 0 * self.jitter)",
        ("tests/webhooks/test_policy.py::test_waits_vary_by_the_jitter_and_no_more",),
    ),
    Mutant(
        "a failed chunk is not tried again",
        "workflows/steps/transcribe.py",
        "wait_seconds = context.retry.job_wait_seconds(",
        "wait_seconds = None and context.retry.job_wait_seconds(",
        ("tests/workflows/test_retry.py",),
    ),
    Mutant(
        "a failed analysis is not tried again",
        "workflows/steps/analyze.py",
        "wait_seconds = context.retry.job_wait_seconds(",
        "wait_seconds = None and context.retry.job_wait_seconds(",
        ("tests/workflows/test_retry.py",),
    ),
    Mutant(
        "the vocabulary of a playbook is ignored",
        "workflows/analysis/guidance.py",
        'listed = facts.get("vocabulary")',
        "listed = None",
        ("tests/workflows/test_guidance.py",),
    ),
    Mutant(
        "the rollup's talk metrics are not weighted by length",
        "scoring/rollup.py",
        "(float(v), _length(s))",
        "(float(v), 1.0)",
        ("tests/scoring/test_rollup.py",),
    ),
    Mutant(
        "Retry-After as a date is not understood",
        "domain/retry_after.py",
        "moment = parsedate_to_datetime(value)",
        'moment = parsedate_to_datetime("")',
        ("tests/asr/test_remote.py::test_retry_after_is_heeded",),
    ),
    Mutant(
        "the secret before does not sign during a rotation",
        "webhooks/delivery.py",
        "        return current, previous\n",
        "        return (current,)\n",
        ("tests/webhooks/test_delivery.py",),
    ),
    Mutant(
        "the answer to an objection is not verified",
        "scoring/quote_verification.py",
        "    if not objection.response:\n",
        "    if True:\n",
        ("tests/scoring/test_verify.py",),
    ),
    Mutant(
        "a condition of a yes counts as an objection",
        "scoring/facts/objections.py",
        "patterns.DENIED, patterns.WOULD_IF)",
        "patterns.DENIED)",
        (f"{STATEMENTS}::test_a_condition_of_a_yes_is_never_left_to_the_model",),
    ),
    Mutant(
        "an objection of a longer talk is read by its words alone",
        "scoring/facts/objections.py",
        "if len(talk.turns) < FEW_TURNS:",
        "if True:",
        (f"{STATEMENTS}::test_a_price_that_is_less_than_was_feared_is_no_objection",),
    ),
    Mutant(
        "promises without a day are lost where they say until then",
        "scoring/facts/step_candidates.py",
        "needs_day and not (meanwhile or any",
        "needs_day and not (any",
        (f"{STATEMENTS}::test_promises_in_the_present_are_steps",),
    ),
    Mutant(
        "a farewell is a step",
        "scoring/facts/step_candidates.py",
        ' or verb == "see you"),',
        "),",
        (f"{STATEMENTS}::test_farewells_and_what_is_told_to_others_are_no_steps",),
    ),
    Mutant(
        "an amount that describes a thing is an offer",
        "scoring/facts/offers.py",
        "or _is_description(sentence, amount))",
        "or False)",
        (f"{STATEMENTS}::test_an_amount_is_an_offer_when_it_is_taken_for_a_price",),
    ),
    Mutant(
        "a price said back is no price",
        "scoring/facts/offers.py",
        "or _is_taken_for_price(talk, sentence)",
        "or False",
        (f"{STATEMENTS}::test_an_amount_is_an_offer_when_it_is_taken_for_a_price",),
    ),
    Mutant(
        "an order with a condition is an order",
        "scoring/facts/outcome.py",
        "or _ORDER_TAIL.search(",
        "or re.search(r'^$a', ",
        (f"{STATEMENTS}::test_an_order_with_a_condition_is_none",),
    ),
    Mutant(
        "what can be said in any words is called missing",
        "scoring/rubric/playbook.py",
        "^(?:mention|present",
        "^(?:mention|explain|offer|present",
        (f"{STATEMENTS}::test_what_can_be_said_in_any_words_is_never_called_missing",),
    ),
    Mutant(
        "staying in the talk counts nothing",
        "scoring/rubric/components.py",
        "rising(turns - 1, 12)",
        "0.5",
        (f"{STATEMENTS}::test_a_talk_that_goes_on_has_more_influence_than_one_broken_off",),
    ),
    Mutant(
        "asks count nothing for the close",
        "scoring/rubric/components.py",
        "share = 0.75 + 0.25 * rising(len(asks.found) - 1, 1)",
        "share = 0.0",
        (f"{STATEMENTS}::test_an_ask_raises_the_close_score",),
    ),
    Mutant(
        "asking about an objection counts nothing",
        "scoring/rubric/components.py",
        "0.35 * objection.explored",
        "0.0 * objection.explored",
        (f"{STATEMENTS}::test_asking_about_an_objection_scores_more_than_passing_over_it",),
    ),
    Mutant(
        "feedback on figures has no place",
        "scoring/rubric/wording.py",
        'f"{_sentence(part)} ({_COUNTED}); {place}."',
        'f"{_sentence(part)} ({_COUNTED})."',
        (f"{STATEMENTS}::test_every_sentence_of_feedback_quotes_this_conversation",),
    ),
)


def main() -> int:
    """Run the mutants and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="mutants whose name or file holds this text")
    only = parser.parse_args().only
    wanted = [m for m in MUTANTS if only in m.name or only in m.file]
    survived = 0
    passes: dict[tuple[str, ...], bool] = {}
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "src"
        shutil.copytree(ROOT / "src", source, ignore=shutil.ignore_patterns("__pycache__", "static"))
        print("| change | file | tests | result |\n|---|---|---|---|", flush=True)
        for mutant in wanted:
            if mutant.tests not in passes:
                passes[mutant.tests] = _pytest(mutant.tests, source) == 0
            result = _run(mutant, source) if passes[mutant.tests] else "not run: the tests fail without the change"
            survived += result != "killed"
            shown = ", ".join(test.removeprefix("tests/").split("::")[0] for test in mutant.tests)
            print(f"| {mutant.name} | {mutant.file} | {shown} | {result} |", flush=True)
    print(f"\n{len(wanted) - survived} of {len(wanted)} killed")
    return 1 if survived else 0


def _run(mutant: Mutant, source: Path) -> str:
    """Return whether the tests fail with the change."""
    path = source / "dayline" / mutant.file
    text = path.read_text()
    if text.count(mutant.old) != 1:
        return f"not applied: the text stands there {text.count(mutant.old)} times"
    try:
        path.write_text(text.replace(mutant.old, mutant.new))
        status = _pytest(mutant.tests, source)
    finally:
        path.write_text(text)
    if status == 1:
        return "killed"
    return "survived" if status == 0 else f"not run: pytest ended with {status}"


def _pytest(tests: tuple[str, ...], source: Path) -> int:
    environment = {**os.environ, "PYTHONPATH": str(source), "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-n", "0", "-p", "no:cacheprovider", *tests]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
