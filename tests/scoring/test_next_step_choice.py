"""Which promises and days are taken for next steps: what the trained model decides, and what no model may outweigh."""

from __future__ import annotations

import pytest

from bench.statements.dialogues import read_lines
from bench.statements.step_examples import FILE
from dayline.scoring.conversation import Conversation
from dayline.scoring.facts import extract

PITCH = "rep: The filter takes the chalk out of the water, and we come once a year to clean it.\ncus: I see.\n"


@pytest.fixture
def steps(make):
    return lambda text: [s.action for s in extract(Conversation(make(f"{PITCH * 4}{text}"), "rep")).next_steps]


def test_a_day_asked_for_in_the_same_breath_is_no_promise(steps) -> None:
    said = "rep: okay i'll leave it on the counter and um could i swing by friday when it's slower\n"
    assert steps(f"{said}cus: friday is busy no please\n") == []
    assert steps("rep: okay i'll swing by friday when it's slower\ncus: fine\n") == ["Swing by friday when it's slower"]


@pytest.mark.parametrize(
    ("said", "when"),
    [
        ("I'll bring you the figures on Thursday, no, sorry, on Friday.", "Friday"),
        ("I'll bring you the figures on Thursday.", "Thursday"),
    ],
)
def test_a_day_that_the_speaker_corrects_is_not_stated(make, said, when) -> None:
    talk = make(f"{PITCH * 4}rep: {said}\ncus: Good.\n")
    assert [s.when for s in extract(Conversation(talk, "rep")).next_steps] == [when]


def test_an_hour_of_something_else_is_not_the_time_of_a_step(make) -> None:
    talk = make(f"{PITCH * 4}rep: Half past one Friday, and I'll bring you back for the three o'clock.\ncus: Good.\n")
    assert "at 3" not in [s.when for s in extract(Conversation(talk, "rep")).next_steps]


@pytest.mark.parametrize(
    "said",
    [
        "If it's yes I'll ring the office tomorrow.",
        "Shall I ring you tomorrow?",
        "They said we'll ring you tomorrow.",
        "And I won't send you any papers, and I won't ring you up.",
        "I won't ring you on Monday.",
    ],
)
def test_no_score_outweighs_a_condition_a_question_or_words_of_others(steps, said) -> None:
    assert steps(f"rep: {said}\ncus: Hm.\n") == []


def test_labelled_sentences_are_steps_and_others_and_each_stands_once() -> None:
    rows = list(read_lines(FILE))
    places = [(row["id"], row["turn"], row["said"]) for row in rows]
    assert len(places) == len(set(places))
    assert {row["step"] for row in rows} == {True, False}


@pytest.mark.parametrize(
    ("reply", "kept"),
    [
        ("Wait, no. It can't be Saturday, that's the wedding.", False),
        ("Oh, Saturday's no good.", False),
        ("They're shutting the water off. So forget Saturday.", False),
        ("Saturday. Not before two, mind.", True),
        ("Not Friday then, Saturday.", True),
        ("Friday's no good but Saturday is.", True),
    ],
)
def test_a_day_that_the_customer_takes_back_is_no_step_nor_is_what_goes_with_it(steps, reply, kept) -> None:
    promised = "rep: I'll come back on Saturday, and I'll ring you tomorrow to say when.\ncus: Grand.\n"
    found = steps(f"{promised}rep: It's an hour or so.\ncus: {reply}\nrep: That's fine.\n")
    assert bool(found) is kept


@pytest.mark.parametrize(
    ("reply", "is_agreed"),
    [
        ("Thursday is good.", True),
        ("Thursday.", True),
        ("Maybe. Maybe Thursday.", False),
        ("Thursday the hall is being painted.", False),
    ],
)
def test_a_day_is_agreed_only_where_the_reply_consents_to_it(steps, reply, is_agreed) -> None:
    assert bool(steps(f"rep: Could I come on Thursday?\ncus: {reply}\nrep: All right.\n")) is is_agreed


@pytest.mark.parametrize(
    ("reply", "kept"), [("Don't send it with him, mail it.", False), ("Don't forget the date on it.", True)]
)
def test_what_the_reply_forbids_is_no_step(steps, reply, kept) -> None:
    assert bool(steps(f"rep: I'll send it over with Walt tomorrow.\ncus: {reply}\nrep: All right.\n")) is kept


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("rep: Wednesday the ninth, then.", ["Wednesday the ninth"]),
        ("rep: Results are back Wednesday the ninth.", []),
        ("rep: If it's wrong, ring me before Wednesday.", []),
        ("rep: By the end of the week.", []),
        ("cus: He's off Wednesday, he's in hospital.", []),
        ("cus: I'm in work Thursday, Friday, Saturday.", []),
        ("cus: I'll be in school Monday.", []),
        ("rep: I'll ring you on, what's today, Wednesday, I'll ring you Thursday.", ["Thursday"]),
        ("rep: I can do that.", []),
        ("rep: I'll be here.", []),
    ],
)
def test_only_what_is_done_or_agreed_for_a_day_is_a_step(make, said, expected) -> None:
    text = f"{PITCH * 4}rep: Shall we say one day next week?\ncus: That is fine with us.\n{said}\ncus: Okay.\n"
    found = extract(Conversation(make(text), "rep")).next_steps
    assert [s.when for s in found if s.quote.text in said] == expected


def test_a_weekday_with_its_date_is_the_same_day_as_without_it(make) -> None:
    text = (
        f"{PITCH * 4}rep: Would Monday the ninth suit you?\ncus: Monday is good.\n"
        "rep: Lovely, I'll see you on Monday the ninth at ten.\ncus: Okay.\n"
    )
    found = extract(Conversation(make(text), "rep")).next_steps
    assert [s.when for s in found] == ["Monday the ninth at 10"]
