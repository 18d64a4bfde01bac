from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dayline.domain.analysis import NEUTRAL_SCORE, PILLARS, AnalysisTask, Prompt
from dayline.domain.transcript import Transcript, Utterance
from dayline.scoring.metrics import HESITATIONS
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
    return RubricAnalyst().analyze(transcript, AnalysisTask(rep_label=rep, **task))


def overall(assessment) -> float:
    return sum(assessment.scores.values()) / len(PILLARS)


@pytest.mark.parametrize(("error_rate", "distance"), [(0.0, 45), (0.15, 25)])
def test_strong_talks_score_far_above_weak_ones(dialogue, make, noisy, error_rate, distance) -> None:
    def score(name: str) -> float:
        text = noisy(dialogue(name), error_rate=error_rate) if error_rate else dialogue(name)
        return overall(judged(make(text)))

    assert min(map(score, STRONG)) - max(map(score, WEAK)) >= distance


def test_ordinary_talks_lie_between(dialogue, make) -> None:
    def score(name: str) -> float:
        return overall(judged(make(dialogue(name))))

    assert max(map(score, WEAK)) + 15 < min(map(score, AVERAGE))
    assert max(map(score, AVERAGE)) + 8 < min(map(score, STRONG))


@pytest.mark.parametrize("pillar", PILLARS)
def test_each_pillar_tells_strong_from_weak(dialogue, make, pillar) -> None:
    strong = min(judged(make(dialogue(n))).scores[pillar] for n in STRONG)
    weak = max(judged(make(dialogue(n))).scores[pillar] for n in WEAK)
    assert strong > weak + 20


@pytest.mark.parametrize("name", STRONG + AVERAGE + WEAK)
@pytest.mark.parametrize("labels", [True, False])
@pytest.mark.parametrize("words", [True, False])
def test_every_quote_of_the_rubric_stands_in_the_transcript(dialogue, make, name, labels, words) -> None:
    transcript = make(dialogue(name), labels=labels, words=words, start_seconds=3600.0)
    assessment = judged(transcript, playbook=PLAYBOOK, prompts=(Prompt("Leak", "Did they talk about a leak?"),))
    checked = verify(assessment, transcript)
    assert checked.unverified_claims == 0
    assert checked.assessment.scores == assessment.scores
    assert all(3600.0 <= e.start_seconds < e.end_seconds for e in assessment.evidence)


def test_a_conversation_is_judged_the_same_every_time(dialogue, make) -> None:
    transcript = make(dialogue("strong_pest"))
    assert judged(transcript, playbook=PLAYBOOK) == judged(transcript, playbook=PLAYBOOK)


def test_a_signed_order_has_no_low_close_score(dialogue, make) -> None:
    signed = judged(make(dialogue("strong_pest")))
    assert signed.outcome == "sale"
    assert signed.scores["close"] > max(judged(make(dialogue(n))).scores["close"] for n in (*AVERAGE, *WEAK))


def test_statements_of_a_roofing_visit(dialogue, make) -> None:
    assessment = judged(make(dialogue("strong_roofing")), playbook=PLAYBOOK)
    assert assessment.prospect_name == "Linda"
    assert assessment.outcome == "follow_up"
    assert [(o.kind, o.handled) for o in assessment.objections] == [("price", True)]
    assert any(s.when == "Thursday at 4" for s in assessment.next_steps)
    assert "Linda" in assessment.title
    assert assessment.summary is not None
    assert "price" in assessment.summary
    assert assessment.double_down is not None
    assert "afford fifteen thousand" in assessment.double_down
    assert assessment.method == "rubric"
    assert assessment.limits is not None
    assert "does not mean that it was not said" in assessment.limits


def test_outcomes_are_told_apart(dialogue, make) -> None:
    assert judged(make(dialogue("strong_pest"))).outcome == "sale"
    assert judged(make(dialogue("weak_solar"))).outcome == "no_sale"
    assert judged(make(dialogue("weak_wholesale"))).outcome == "unknown"


def test_figures_and_absences_carry_no_quote(dialogue, make) -> None:
    assessment = judged(make(dialogue("weak_wholesale")))
    components = {e.about.component for e in assessment.evidence if e.about}
    assert not components & {"pace", "fillers", "talk_share", "monologue", "exchange", "questions", "hedging"}
    negative = assessment.feedback["delivery"].negative
    assert negative is not None
    assert "counted over the whole conversation" in negative


def test_fillers_are_scored_only_where_the_transcript_has_hesitations(dialogue, make) -> None:
    clean = "\n".join(
        " ".join(w for w in line.split() if w.strip(".,?!").lower() not in HESITATIONS)
        for line in dialogue("weak_wholesale").splitlines()
    )
    hesitating = clean.replace("rep: ", "rep: Um, ")
    for text, is_said in ((clean, False), (hesitating, True)):
        delivery = judged(make(text)).feedback["delivery"]
        said = f"{delivery.positive} {delivery.negative}"
        assert ("filler words" in said.lower()) == is_said, said


def test_one_quote_does_not_prove_everything(dialogue, make) -> None:
    for name in STRONG + AVERAGE:
        evidence = judged(make(dialogue(name)), playbook=PLAYBOOK).evidence
        uses = [e.quote for e in evidence if e.about and e.about.kind == "pillar"]
        assert max(uses.count(q) for q in uses) <= 4


def test_advice_names_what_was_said_and_what_could_have_been(make) -> None:
    talk = (
        "rep: Good morning, this is about the new garage door, the price for the door is nine hundred dollars.\n"
        "cus: Okay. I want to talk to my wife first, she knows about these things.\n"
        "rep: Sure, that is no problem at all, take your time with it.\ncus: Good, thank you for coming by today.\n"
    )
    advice = judged(make(talk)).general_improvement
    assert advice is not None
    assert "“I want to talk to my wife first, she knows about these things.”" in advice
    assert "When can we speak with your wife together?" in advice


def test_no_sentence_of_one_analysis_stands_in_another(dialogue, make) -> None:
    seen: dict[str, str] = {}
    for name in STRONG + AVERAGE + WEAK:
        j = judged(make(dialogue(name)))
        said = [j.double_down, j.double_down_implementation, j.general_improvement]
        said += [t for f in j.feedback.values() for t in (f.positive, f.negative)]
        for text in filter(None, said):
            assert seen.setdefault(text, name) == name


def test_every_line_of_a_playbook_is_a_point(dialogue, make) -> None:
    lines = "# Door\n- Offer two dates.\n- Ask who decides.\n- Never talk about politics.\n- Mention the pool heater."
    points = judged(make(dialogue("strong_roofing")), playbook=lines).playbook_points
    assert [p.text for p in points] == [
        "Offer two dates.",
        "Ask who decides.",
        "Never talk about politics.",
        "Mention the pool heater.",
    ]
    covered = {p.text: p.covered for p in points}
    assert covered["Ask who decides."] == "yes"
    assert covered["Never talk about politics."] == "unclear"
    assert covered["Mention the pool heater."] == "no"


def test_a_point_said_in_a_related_word_is_not_said_to_be_missing(make) -> None:
    talk = "rep: If you cancel a class with me, it is free up to the day before.\ncus: That is fair.\n"
    points = judged(make(talk), playbook="- Mention the cancellation rule.\n- Mention the pool heater.").playbook_points
    assert [p.covered for p in points] == ["unclear", "no"]


@pytest.mark.parametrize(
    "point",
    [
        "Mention that the heater is free of noise.",
        "Mention how long the firm has been there.",
        "Point out a fault of the heater.",
        "Recommend another heater.",
        "Name the price before the customer asks.",
    ],
)
def test_what_can_be_said_in_any_words_or_depends_on_the_order_is_unclear(make, point) -> None:
    talk = "rep: What is the price you pay? It is nine hundred for ours.\ncus: Fine.\nrep: Goodbye then.\n"
    assert [p.covered for p in judged(make(talk), playbook=f"- {point}").playbook_points] == ["unclear"]


@pytest.mark.parametrize(
    ("point", "said", "covered"),
    [
        ("Let the customer sit in the chair.", "It's fourteen hundred a chair.", "unclear"),
        ("Offer a used machine.", "I have a machine in the van.", "unclear"),
        ("Offer blinds.", "I would say blinds and all, with the sun on that side.", "yes"),
        ("Agree a date for the decision.", "I'll ring you on Friday at ten.", "unclear"),
        ("Agree a date for the next visit.", "I'll ring you on Friday at ten.", "yes"),
    ],
)
def test_a_word_of_a_point_does_not_cover_the_rest_of_it(make, point, said, covered) -> None:
    talk = f"rep: Good morning, I am from Hill and Sons.\ncus: Good morning.\nrep: {said}\ncus: Fine.\n"
    assert [p.covered for p in judged(make(talk), playbook=f"- {point}").playbook_points] == [covered]


def test_a_month_is_no_financing(make) -> None:
    talk = "rep: My price is good to the end of the month.\ncus: Fine.\nrep: Goodbye then.\n"
    assert judged(make(talk), playbook="- Offer financing.").playbook_points[0].covered != "yes"


def test_a_covered_point_shows_the_whole_sentence(make) -> None:
    talk = (
        "rep: We replace both springs so that you can sleep. You get a five year warranty on the springs.\ncus: Good.\n"
    )
    points = judged(
        make(talk), playbook="- Explain the five year warranty on the springs.\n- Explain the ten year warranty."
    )
    first, second = points.playbook_points
    assert (first.covered, first.quote) == ("yes", "You get a five year warranty on the springs.")
    assert second.covered == "unclear"


def test_prompts_say_that_they_cannot_be_answered(dialogue, make) -> None:
    assessment = judged(make(dialogue("strong_roofing")), prompts=(Prompt("Worth", "How much is the deal worth?"),))
    (answer,) = assessment.prompt_answers
    assert (answer.title, answer.answer, answer.answerable) == ("Worth", None, False)
    assert assessment.prompt_feedback is not None
    assert "cannot be answered without a language model" in assessment.prompt_feedback


def test_doubts_are_told_from_thanks(make) -> None:
    talk = "rep: is there anything else i can do for you today with the gutters\ncus: no thanks that is all for now\n"
    assert judged(make(talk * 4)).objections == ()


def test_no_objection_is_neutral(make) -> None:
    talk = "rep: what do you need for the kitchen window\ncus: a new frame and glass that keeps the noise out\n"
    assessment = judged(make(talk * 5))
    assert assessment.scores["objection"] == NEUTRAL_SCORE
    assert assessment.feedback["objection"].negative is None


@pytest.mark.parametrize(
    "text", ["", "rep: hello", "cus: no thanks", "rep: hi there how are you\ncus: good not today though\nrep: okay bye"]
)
def test_too_little_to_judge_is_neutral(make, text) -> None:
    assessment = judged(make(text))
    assert set(assessment.scores.values()) == {NEUTRAL_SCORE}
    assert assessment.limits is not None
    assert "Too little" in assessment.limits
    assert assessment.title
    assert assessment.summary


def test_another_language_gets_no_english_statement(make) -> None:
    talk = "rep: guten tag ich komme wegen der fenster im schlafzimmer\ncus: ja bitte kommen sie doch herein\n"
    assessment = judged(make(talk * 6), language="de-DE")
    assert {p for p, s in assessment.scores.items() if s != NEUTRAL_SCORE} <= {"delivery"}
    assert assessment.limits is not None
    assert "English only" in assessment.limits
    assert assessment.objections == assessment.next_steps == assessment.offers == ()


voices = st.sampled_from(["A", "B", None])
SPOKEN = """um what do you need that's too expensive no thanks follow-up let's do it tuesday at ten... i'll send you
    roof? — $5,000 my name is 50% warranty sign here so because your family … don't think about it"""
words = st.sampled_from(SPOKEN.split())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(voices, st.lists(words, min_size=1, max_size=30)), max_size=12), st.sampled_from(["A", None]))
def test_any_talk_gets_scores_in_range_and_quotes_that_stand(turns, rep) -> None:
    utterances = tuple(Utterance(10.0 * i, 10.0 * i + 9.0, " ".join(said), who) for i, (who, said) in enumerate(turns))
    transcript = Transcript(utterances, 10.0 * len(turns))
    assessment = judged(transcript, rep, playbook=PLAYBOOK)
    assert set(assessment.scores) == set(PILLARS)
    assert all(0 <= s <= 100 for s in assessment.scores.values())
    assert assessment.title
    carried = {e.claim.split(":")[0] for e in assessment.evidence} | assessment.counted
    assert all(s == NEUTRAL_SCORE or p in carried for p, s in assessment.scores.items())
    assert verify(assessment, transcript).unverified_claims == 0
