"""Plans that are told, rights, routines and other people in whole visits, beside nearly the same sentences that are
requests, next steps, points and prices.
"""

from __future__ import annotations

import pytest

from dayline.domain.analysis import AnalysisTask
from dayline.scoring.conversation import Conversation
from dayline.scoring.facts import extract
from dayline.scoring.rubric import RubricAnalyst

PITCH = "rep: The filter takes the chalk out of the water, and we come once a year to clean it.\ncus: I see.\n"


@pytest.fixture
def facts(make):
    return lambda text: extract(Conversation(make(text), "rep"))


@pytest.mark.parametrize(
    ("line", "asks"),
    [
        ("So I'll send Martin to you on the tenth, after milking.", 0),
        ("So shall I send Martin to you on the tenth, after milking?", 1),
        ("I'm back on Tuesday with the van.", 0),
        ("I'm back on Tuesday with the van, would that suit you?", 1),
        ("Could you tell me whether you are free to book on Tuesday?", 0),
        ("Could you meet me on Tuesday?", 1),
        ("And when will you be starting?", 0),
        ("And when can we start?", 1),
        ("Shall I tell you what it comes to, or would you sooner see it first?", 0),
        ("Shall I put you down for it, or would you sooner see it first?", 1),
        ("Four hundred retail. What did I say?", 0),
    ],
)
def test_a_plan_told_and_a_question_for_a_fact_are_no_requests(facts, line, asks) -> None:
    assert len(facts(f"{PITCH * 3}rep: {line}\ncus: I see.\n").asks.found) == asks


@pytest.mark.parametrize(
    ("line", "reply", "steps"),
    [
        ("cus: And I can send them back.", "rep: You can.", 0),
        ("cus: And I'll send them back.", "rep: Good.", 1),
        ("cus: I'll text him.", "rep: Good.", 0),
        ("cus: I'll text him on Friday.", "rep: Good.", 1),
        ("cus: I'll text you.", "rep: Good.", 1),
        ("cus: I'm going to call him. Just a moment.", "rep: Good.", 0),
        ("rep: I can find out.", "cus: No, I know what it is.", 0),
        ("rep: I can find out.", "cus: Yes, that would help.", 1),
        ("rep: We cut them and we hang them up and in January we come back.", "cus: I see.", 0),
        ("rep: In January we come back.", "cus: I see.", 1),
    ],
)
def test_rights_routines_and_calls_to_others_are_no_steps(facts, line, reply, steps) -> None:
    assert len(facts(f"{PITCH * 3}{line}\n{reply}\n").next_steps) == steps


@pytest.mark.parametrize(
    ("talk", "when"),
    [
        ("rep: Monday, you're shut till five, is that right?\ncus: Shut till five on a Monday.\n", []),
        ("rep: Would Monday suit you?\ncus: Monday it is.\n", ["Monday"]),
        ("rep: Would Friday suit you?\ncus: Friday is good. Come after lunch.\nrep: Okay.\n", ["Friday"]),
        ("cus: Come on Friday after lunch.\nrep: Okay, perfect.\n", ["Friday"]),
    ],
)
def test_a_habit_and_a_part_of_a_day_fix_no_day(facts, talk, when) -> None:
    found = [s.when for s in facts(f"{PITCH * 3}{talk}").next_steps if s.is_appointment]
    assert [w.split(" at ")[0] for w in found] == when


@pytest.mark.parametrize(
    ("last", "when"),
    [
        ("Okay. So that's Tuesday at eight, the two of us.", "Tuesday at 8"),
        ("So that's Tuesday at eight, or not?", "Tuesday"),
        ("So that's Thursday at eight, the other one.", "Tuesday"),
    ],
)
def test_the_hour_that_is_summed_up_belongs_to_the_appointment(facts, last, when) -> None:
    talk = "rep: Would Tuesday suit you?\ncus: Tuesday is fine. What time?\nrep: Eight?\ncus: Eight is fine.\n"
    steps = facts(f"{PITCH * 3}{talk}rep: {last}\n").next_steps
    assert [s.when for s in steps if s.is_appointment] == [when]
    assert all(s.when is None or s.when.split()[0] in s.quote.text for s in steps)


@pytest.mark.parametrize(
    ("line", "amounts"),
    [
        ("Five pence on twenty thousand, that's eleven hundred pounds a month.", []),
        ("Thirty percent of three thousand is nine hundred pounds.", [900]),
        ("With the filter that's eleven hundred pounds a month.", [1100]),
        ("It's a thousand pounds for the winners.", []),
        ("It's a thousand pounds for the filter.", [1000]),
        ("It is sixteen dollars a pound. It's forty four pounds.", [16]),
        ("It is for the large one. It's forty four pounds.", [44]),
    ],
)
def test_sums_prizes_and_weights_are_no_prices(facts, line, amounts) -> None:
    found = facts(f"{PITCH * 2}cus: How much is it?\nrep: {line}\ncus: I see.\n").offers
    assert [o.amount.value for o in found] == amounts


@pytest.mark.parametrize(
    ("reply", "amounts"), [("Two hundred and twenty thousand!", []), ("Two hundred and twenty!", [118, 220])]
)
def test_numbers_that_stand_for_thousands_are_no_prices(facts, reply, amounts) -> None:
    rep = "It's a hundred and eighteen for the small one. It's two hundred and twenty for the large one."
    found = facts(f"{PITCH * 2}cus: How much is it?\nrep: {rep}\ncus: {reply}\n").offers
    assert [o.amount.value for o in found] == amounts


@pytest.mark.parametrize(
    ("line", "said", "covered"),
    [
        ("Offer to count the takings for free.", "We take your takings and count them at our end.", "unclear"),
        ("Offer to count the takings for free.", "We take your takings and count them for nothing.", "yes"),
        ("Ask how many panels a week they spray.", "Do you want me to do a spray panel this week?", "unclear"),
        ("Ask how many panels a week they spray.", "How many panels do you spray in a week?", "yes"),
        ("Bring samples of the new crop.", "We have a van.", "unclear"),
        ("Mention samples of the new crop.", "We have a van.", "no"),
    ],
)
def test_a_point_needs_what_it_says_of_its_words(make, line, said, covered) -> None:
    task = AnalysisTask("rep", playbook=line, language="en")
    talk = make(f"{PITCH * 3}rep: {said}\ncus: I see.\n")
    (point,) = RubricAnalyst().analyze(talk, task).playbook_points
    assert point.covered == covered


@pytest.mark.parametrize(
    ("own", "prospect"),
    [("It's Chantelle.", None), ("I do not give that out.", "Mrs Bird"), ("It's Mrs Bird.", "Mrs Bird")],
)
def test_somebody_else_whom_the_rep_addresses_is_not_the_customer(facts, own, prospect) -> None:
    asked = f"rep: I'm sorry, I didn't get your name.\ncus: {own}\nrep: Right. So, Chantelle, is it busy here?\n"
    other = "old: I have left the car.\nrep: Do you like fish, Mrs Bird?\n"
    assert facts(f"{PITCH * 2}{asked}{other}").people.prospect == prospect


@pytest.mark.parametrize(
    ("lines", "kinds"),
    [
        ("cus: He went over to you lot and he says the others were too expensive for us.", 0),
        ("cus: He says that you lot are too expensive for us.", 1),
    ],
)
def test_somebody_who_went_over_to_the_rep_is_no_objection(facts, lines, kinds) -> None:
    assert len(facts(f"{PITCH * 3}rep: It is four hundred pounds.\n{lines}\nrep: I see.\n").objections) == kinds


@pytest.mark.parametrize(
    ("first", "again", "found"),
    [
        ("no thank you", "mr redline no thank you my husbands said no", []),
        ("no thank you", "no thank you we do not need it", ["no thank you we do not need it"]),
        ("let me see", "mr redline no thank you my husbands said no", ["mr redline no thank you my husbands said no"]),
    ],
)
def test_a_no_that_is_only_said_again_is_no_objection(facts, first, again, found) -> None:
    talk = f"rep: i could do you the gold for seventy nine, that is my last one\ncus: {first}\nrep: can i ask why\n"
    talk += "cus: it is the van mainly\nrep: forget the van\nlin: it is also the three times a day\n"
    talk += f"rep: we can do twice\nlin: {again}\nrep: It is Gary.\nlin: Gary then\n"
    assert [o.sentence.text for o in facts(f"{PITCH * 3}{talk}").objections] == found


@pytest.mark.parametrize(
    ("line", "steps"),
    [
        ("I'll do it for twenty-eight if you take two.", 0),
        ("I'll do it on Tuesday.", 1),
    ],
)
def test_a_price_that_somebody_will_do_it_for_is_no_step(facts, line, steps) -> None:
    assert len(facts(f"{PITCH * 3}rep: {line}\ncus: Good.\n").next_steps) == steps


@pytest.mark.parametrize(("said", "steps"), [("I will sign it today.", 0), ("I will send it today.", 1)])
def test_a_signature_given_at_once_is_no_step(facts, said, steps) -> None:
    found = facts(f"{PITCH * 3}rep: That is the paper.\ncus: {said}\nrep: Good.\n").next_steps
    assert len([s for s in found if s.owner == "customer"]) == steps


@pytest.mark.parametrize(
    ("talk", "name"),
    [
        ("cus: Its name is Kevin.\nrep: Hello there.\n", None),
        ("cus: My name is Kevin.\nrep: Hello there.\n", "Kevin"),
        ("cus: That's Rufus. He eats everything.\nrep: Bye, Rufus.\n", None),
        ("cus: It's Rufus.\nrep: Bye, Rufus.\n", "Rufus"),
    ],
)
def test_a_name_said_of_somebody_else_is_not_the_customers(facts, talk, name) -> None:
    assert facts(f"{PITCH}{talk}{PITCH}").people.prospect == name


@pytest.mark.parametrize(("said", "name"), [("Yes, hi Rob, it's Gareth.", None), ("Yes, bye Rob.", "Rob")])
def test_somebody_on_the_telephone_is_not_the_customer(facts, said, name) -> None:
    talk = f"rep: Hello, my name is Gareth.\ncus: Hello.\n{PITCH * 4}rep: {said}\ncus: Right.\n"
    assert facts(talk).people.prospect == name


@pytest.mark.parametrize(
    ("point", "said", "covered"),
    [
        (
            "Leave when the customer says no.",
            "I'll leave you a card then, and the customer down the road says it.",
            "unclear",
        ),
        ("Ask for the order.", "Shall I put you down for one?", "yes"),
        ("Ask for the order.", "Shall we sit down again on Tuesday at four?", "unclear"),
        ("Fix a date for the next contact.", "I'll ring you on Tuesday.", "yes"),
        ("Fix a date for the next contact.", "I'll get the parts to you tonight.", "unclear"),
    ],
)
def test_a_point_needs_a_fact_of_its_own_kind(make, point, said, covered) -> None:
    talk = make(f"{PITCH * 3}rep: {said}\ncus: All right.\n")
    (shown,) = RubricAnalyst().analyze(talk, AnalysisTask("rep", playbook=f"- {point}\n")).playbook_points
    assert shown.covered == covered
