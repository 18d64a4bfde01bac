from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dayline.domain.analysis import NEUTRAL_SCORE, PILLARS, AnalysisTask, Prompt
from dayline.domain.transcript import Transcript, Utterance
from dayline.scoring.quote_verification import verify
from dayline.scoring.rubric import RubricAnalyst

STRONG = ("strong_roofing", "strong_medical", "strong_pest")
AVERAGE = ("average_windows", "average_insurance")
WEAK = ("weak_solar", "weak_wholesale")

PLAYBOOK = """# Storm visits
1. Greet, say who you are, and name a neighbor we worked for.
2. Ask how long the leak has been there and what worries them most.
- Take photos of every side of the roof and show them.
- Explain the deductible: the insurance pays the rest of the claim.
- Offer financing over sixty months with zero interest.
- Never leave without a next appointment: day, hour, and who will be there.
"""


def judged(transcript: Transcript, rep: str | None = "rep", **task):
    return RubricAnalyst().judge(transcript, AnalysisTask(rep_label=rep, **task))


def overall(judgement) -> float:
    return sum(judgement.scores.values()) / len(PILLARS)


@pytest.mark.parametrize("labels", [True, False])
@pytest.mark.parametrize(("error_rate", "distance"), [(0.0, 50), (0.15, 45), (0.35, 25)])
def test_strong_talks_score_far_above_weak_ones(dialogue, make, noisy, labels, error_rate, distance) -> None:
    def score(name: str) -> float:
        text = noisy(dialogue(name), error_rate=error_rate) if error_rate else dialogue(name)
        return overall(judged(make(text, labels=labels), "rep" if labels else None))

    assert min(map(score, STRONG)) - max(map(score, WEAK)) >= distance


@pytest.mark.parametrize("error_rate", [0.0, 0.15])
def test_ordinary_talks_lie_between(dialogue, make, noisy, error_rate) -> None:
    def score(name: str) -> float:
        return overall(judged(make(noisy(dialogue(name), error_rate=error_rate) if error_rate else dialogue(name))))

    assert max(map(score, WEAK)) + 15 < min(map(score, AVERAGE))
    assert max(map(score, AVERAGE)) + 15 < min(map(score, STRONG))


@pytest.mark.parametrize("pillar", [p for p in PILLARS if p != "objection"])
def test_each_pillar_tells_strong_from_weak(dialogue, make, pillar) -> None:
    strong = min(judged(make(dialogue(n))).scores[pillar] for n in STRONG)
    weak = max(judged(make(dialogue(n))).scores[pillar] for n in WEAK)
    assert strong > weak + 20


@pytest.mark.parametrize("name", STRONG + AVERAGE + WEAK)
@pytest.mark.parametrize("labels", [True, False])
@pytest.mark.parametrize("words", [True, False])
def test_every_quote_of_the_rubric_stands_in_the_transcript(dialogue, make, name, labels, words) -> None:
    transcript = make(dialogue(name), labels=labels, words=words, start_seconds=3600.0)
    judgement = judged(transcript, playbook=PLAYBOOK, prompts=(Prompt("Leak", "Did they talk about a leak?"),))
    checked = verify(judgement, transcript)
    assert checked.unverified_claims == 0
    assert checked.judgement.scores == judgement.scores
    assert all(3600.0 <= e.start_seconds < e.end_seconds for e in judgement.evidence)


def test_a_day_is_judged_the_same_every_time(dialogue, make) -> None:
    transcript = make(dialogue("strong_pest"))
    assert judged(transcript, playbook=PLAYBOOK) == judged(transcript, playbook=PLAYBOOK)


def test_facts_of_a_roofing_visit(dialogue, make) -> None:
    judgement = judged(make(dialogue("strong_roofing")), playbook=PLAYBOOK)
    assert judgement.prospect_name == "Linda"
    assert judgement.outcome == "follow_up"
    assert [o["kind"] for o in judgement.objections] == ["price"]
    assert judgement.objections[0]["handled"] is True
    assert any(s["when"] == "thursday at four" for s in judgement.next_steps)
    assert "roof" in judgement.title.lower()
    assert "price" in judgement.summary
    assert judgement.double_down
    assert judgement.general_improvement


def test_a_sale_and_a_refusal_are_told_apart(dialogue, make) -> None:
    assert judged(make(dialogue("strong_pest"))).outcome == "sale"
    assert judged(make(dialogue("weak_solar"))).outcome == "no_sale"


def test_a_customer_with_a_title_gets_a_name(dialogue, make) -> None:
    assert judged(make(dialogue("strong_medical"))).prospect_name == "Dr Feldman"
    assert judged(make(dialogue("weak_wholesale"))).prospect_name is None


def test_next_steps_say_who_and_when(dialogue, make) -> None:
    steps = judged(make(dialogue("average_insurance"))).next_steps
    assert [(s["owner"], s["when"]) for s in steps] == [("customer", "this weekend"), ("rep", "monday")]
    without = judged(make(dialogue("average_insurance"), labels=False), None).next_steps
    assert {s["owner"] for s in without} == {None}


def test_a_promise_after_no_problem_counts(dialogue, make) -> None:
    steps = judged(make(dialogue("average_windows"))).next_steps
    assert any("email you the quote" in s["quote"] for s in steps)


def test_doubts_are_told_from_thanks(make) -> None:
    talk = "rep: is there anything else i can do for you today with the gutters\ncus: no thanks that is all for now\n"
    assert judged(make(talk * 4)).objections == ()
    doubt = "rep: would you like us to clean the gutters this week\ncus: no thanks we do not want it\n"
    assert [o["kind"] for o in judged(make(doubt * 4)).objections][:1] == ["need"]


def test_coverage_names_what_was_touched_and_what_was_not(dialogue, make) -> None:
    judgement = judged(make(dialogue("strong_roofing")), playbook=PLAYBOOK)
    touched = {e.claim for e in judgement.evidence if e.claim.startswith("playbook: ")}
    assert any("Take photos of every side" in claim for claim in touched)
    assert not any("financing" in claim for claim in touched)
    assert "Not heard: " in judgement.prompt_feedback
    assert "Offer financing over sixty months" in judgement.prompt_feedback.split("Not heard: ")[1]
    assert judgement.quoted_principle == "" or judgement.quoted_principle in PLAYBOOK


def test_prompts_are_answered_honestly(dialogue, make) -> None:
    judgement = judged(
        make(dialogue("strong_roofing")),
        prompts=(
            Prompt("Renter", "Flag if the prospect is renting or a tenant.", "disqualifier"),
            Prompt("Competing quote", "Did another company already quote the roof?", "evaluation_focus"),
            Prompt("Photos", "Score whether the rep mentioned photos and the inspection.", "scoring_criterion"),
            Prompt("Style", "Was it good?", "other"),
        ),
    )
    renter, quoted, photos, style = judgement.prompt_feedback.splitlines()
    assert renter.startswith("Renter: Not found.")
    assert "got one quote" in quoted
    assert "photos" in photos
    assert all("Word match only" in line for line in (renter, quoted, photos))
    assert "Cannot be answered" in style or "Nothing was heard" in style
    assert "Prompts: " in judgement.prompt_summary


def test_a_disqualifier_that_was_said_is_shown_with_its_words(make) -> None:
    talk = "rep: do you own the place and may i look at the roof\ncus: no we are renting it from my landlord in town\n"
    judgement = judged(make(talk * 4), prompts=(Prompt("Renter", "Prospect is renting.", "disqualifier"),))
    assert "Possibly found" in judgement.prompt_feedback
    assert "renting" in judgement.prompt_feedback


def test_no_objection_is_neutral_and_says_so(make) -> None:
    talk = "rep: what do you need for the kitchen window\ncus: a new frame and glass that keeps the noise out\n"
    judgement = judged(make(talk * 5))
    assert judgement.scores["objection"] == NEUTRAL_SCORE
    assert "No objection was heard" in judgement.feedback["objection"].negative


@pytest.mark.parametrize(
    "text", ["", "rep: hello", "cus: no thanks", "rep: hi there how are you\ncus: good not today though\nrep: okay bye"]
)
def test_too_little_to_judge_is_neutral(make, text) -> None:
    judgement = judged(make(text))
    assert set(judgement.scores.values()) == {NEUTRAL_SCORE}
    assert all("Too little" in f.negative for f in judgement.feedback.values())
    assert judgement.title
    assert judgement.summary


def test_a_one_sided_talk_is_judged_without_the_other_voice(make) -> None:
    judgement = judged(make("rep: this is the new unit and it runs very quietly in the bedroom all night long\n" * 6))
    assert all(0 <= s <= 100 for s in judgement.scores.values())
    assert judgement.scores["discovery"] < 20


def test_another_language_gets_no_english_score(make) -> None:
    talk = "rep: guten tag ich komme wegen der fenster im schlafzimmer\ncus: ja bitte kommen sie doch herein\n"
    judgement = judged(make(talk * 6), language="de-DE")
    assert {p for p, s in judgement.scores.items() if s != NEUTRAL_SCORE} <= {"delivery"}
    assert "English" in judgement.feedback["discovery"].negative


voices = st.sampled_from(["A", "B", None])
SPOKEN = """um what do you need that's too expensive no thanks follow-up let's do it tuesday at ten... i'll send you
    roof? — $5,000 my name is 50% warranty sign here so because your family … don't think about it"""
words = st.sampled_from(SPOKEN.split())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(voices, st.lists(words, min_size=1, max_size=30)), max_size=12), st.sampled_from(["A", None]))
def test_any_talk_gets_scores_in_range_and_quotes_that_stand(turns, rep) -> None:
    utterances = tuple(Utterance(10.0 * i, 10.0 * i + 9.0, " ".join(said), who) for i, (who, said) in enumerate(turns))
    transcript = Transcript(utterances, 10.0 * len(turns))
    judgement = judged(transcript, rep, playbook=PLAYBOOK)
    assert set(judgement.scores) == set(PILLARS)
    assert all(0 <= s <= 100 for s in judgement.scores.values())
    assert judgement.title
    carried = {e.claim.split(":")[0] for e in judgement.evidence}
    assert all(s == NEUTRAL_SCORE or p in carried for p, s in judgement.scores.items())
    assert verify(judgement, transcript).unverified_claims == 0
