"""Facts: what is recognised, and what looks like one and is none. Every example is something that people say."""

from __future__ import annotations

import pytest

from dayline.scoring.conversation import Conversation
from dayline.scoring.facts import extract
from dayline.scoring.facts.money import amounts_in, number_of
from dayline.scoring.facts.times import times_in


@pytest.fixture
def facts(make):
    return lambda text, **kind: extract(Conversation(make(text, **kind), "rep"))


def one_sentence(make, text: str):
    (sentence,) = Conversation(make(f"rep: {text}"), "rep").sentences
    return sentence


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("I can come back on Friday at seven, when he is home.", ["Friday at 7"]),
        ("Would Thursday at nine in the morning work for you?", ["Thursday at 9 am"]),
        ("I have tomorrow at eight in the morning or Thursday at two.", ["tomorrow at 8 am", "Thursday at 2"]),
        ("thursday at eleven, two sensors, eighty five dollars", ["Thursday at 11"]),
        ("thursday at eleven two sensors", ["Thursday at 11"]),
        ("the tuesday morning about half nine", ["Tuesday at 9:30 am"]),
        ("our people can begin on the first Monday in March", ["the first Monday in March"]),
        ("I will call you next Wednesday with the exact time", ["next Wednesday"]),
        ("eleven on Thursday", ["Thursday at 11"]),
        ("let's say 7pm on the 3rd of June", ["the 3rd of June at 7 pm"]),
        ("at 2:30 pm tomorrow", ["tomorrow at 2:30 pm"]),
        ("not Thursday, but Friday", ["Friday"]),
        ("at six and a half percent", []),
        ("it takes thirty days", []),
    ],
)
def test_times_have_one_written_form(make, text, written) -> None:
    assert [t.text for t in times_in(one_sentence(make, text))] == written


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("that is four hundred and eighty dollars including labor", [(480.0, "USD", None)]),
        ("it's $1,000 now and £4.50 a month", [(1000.0, "USD", None), (4.5, "GBP", "month")]),
        ("forty two dollars and fifty cents", [(42.5, "USD", None)]),
        ("two thousand one hundred dollars installed", [(2100.0, "USD", None)]),
        ("fourteen quid a month", [(14.0, "GBP", "month")]),
        ("one seventy one a month", []),
        ("four pound ten a tub", [(4.1, "GBP", None)]),
        ("it is four pounds twenty minutes away", [(4, "GBP", None)]),
        ("four pound two hundred", []),
    ],
)
def test_amounts_have_one_reading_or_none(make, text, amounts) -> None:
    found = amounts_in(one_sentence(make, text), with_currency=True)
    assert [(a.value, a.currency, a.period) for a in found] == amounts


def test_numbers_said_after_one_another_have_no_value() -> None:
    assert number_of("thirty one nine") is None
    assert number_of("three hundred and eighty") == 380


@pytest.mark.parametrize(
    "ask",
    [
        "I can come back on Friday at seven, would that be good for you?",
        "Can we meet there on Monday at ten?",
        "If you sign the order today, our people can begin in March.",
        "Shall I put you down for Thursday?",
        "Would Friday be good?",
        "How would you like to pay, by card or by check?",
        "Do you want me to come back at three when it is calmer?",
        "What day works best for you?",
        "so will i put down four drums for monday",
        "he can be here thursday at eight",
    ],
)
def test_requests_for_a_step_are_recognised(facts, ask) -> None:
    assert facts(f"rep: {ask}\ncus: let me see").asks.found


@pytest.mark.parametrize(
    "other",
    [
        "Can I take a quick look at the roof?",
        "What did you do on Monday?",
        "How much do you pay for the heat in the winter?",
        "I don't want to get you in trouble.",
        "There is nothing to sign.",
        "Is that okay with you?",
        "Would you like to see the picture?",
        "I can do that today without asking anyone.",
    ],
)
def test_other_questions_are_no_requests(facts, other) -> None:
    assert facts(f"rep: {other}\ncus: fine").asks.found == ()


def test_an_absence_is_known_only_where_nothing_like_a_request_was_said(facts) -> None:
    pitch = "rep: this is the new unit and it runs very quietly in the bedroom all night long\ncus: i see\n" * 5
    assert facts(pitch).asks.is_absence_known
    assert not facts(pitch + "rep: so what do you think\ncus: hm\n").asks.is_absence_known


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("That is too expensive for us.", "price"),
        ("I was hoping it would be more like three thousand.", "price"),
        ("But I have to talk about it with my husband.", "authority"),
        ("I want to talk to my wife first.", "authority"),
        ("But another company was cheaper.", "competition"),
        ("I saw one at the home center for twelve hundred.", "competition"),
        ("I need to think about it.", "delay"),
        ("I hate being locked in.", "terms"),
        ("But what if it still leaks after the work?", "trust"),
        ("We are not interested.", "need"),
    ],
)
def test_objections_have_a_kind(facts, text, kind) -> None:
    found = facts(f"rep: The price is five thousand dollars.\ncus: {text}\nrep: I see, let us look at it.").objections
    assert [o.kind for o in found] == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "We pay a lot of money for the heat.",
        "They asked for too much money two years ago, and they did not call us again.",
        "It is not too expensive.",
        "I never want to think about the roof again.",
        "My wife always wakes up at five in the morning.",
    ],
)
def test_pain_and_stories_are_no_objections(facts, text) -> None:
    assert facts(f"rep: Tell me more about the windows.\ncus: {text}\nrep: I see.").objections == ()


def test_a_decider_who_is_not_there_is_an_objection_with_both_sentences(facts) -> None:
    talk = "rep: Who else decides with you?\ncus: My wife. She is away until Friday.\nrep: That is fair."
    (found,) = facts(talk).objections
    assert (found.kind, found.quote.text) == ("authority", "My wife. She is away until Friday.")
    free = "rep: Who else decides with you?\ncus: My sister, but she trusts me with this.\nrep: Great."
    assert facts(free).objections == ()


@pytest.mark.parametrize(
    ("reply", "handled"),
    [("That makes sense, you are right.", True), ("Still too expensive for us.", False), ("It rains.", None)],
)
def test_handled_follows_from_what_the_customer_did_next(facts, reply, handled) -> None:
    talk = f"cus: That is too expensive for us.\nrep: You can pay it over two years.\ncus: {reply}\nrep: Good.\n"
    assert facts("rep: It is nine hundred dollars.\n" + talk).objections[0].handled is handled


def test_a_yes_to_a_date_does_not_settle_a_price(facts) -> None:
    talk = "rep: It is $900.\ncus: That is too expensive.\nrep: Can I come back on Monday at ten?\ncus: Monday is fine."
    assert facts(talk).objections[0].handled is None


def test_steps_are_complete_and_have_owner_and_time(facts) -> None:
    talk = (
        "rep: I will send you the papers by mail tonight, and I will call you next Wednesday with the exact time.\n"
        "cus: I'll read through it this weekend.\n"
    )
    found = [(s.owner, s.action, s.when) for s in facts(talk).next_steps]
    assert found == [
        ("rep", "Send you the papers by mail tonight", "tonight"),
        ("rep", "Call you next Wednesday with the exact time", "next Wednesday"),
        ("customer", "Read through it this weekend", "this weekend"),
    ]


def test_an_accepted_time_is_an_appointment_and_kept_once(facts) -> None:
    talk = (
        "rep: Would Thursday at nine in the morning work for you?\ncus: Thursday is good.\n"
        "rep: Then I put you down for Thursday at nine.\n"
    )
    (step,) = facts(talk).next_steps
    assert (step.is_appointment, step.when) == (True, "Thursday at 9 am")
    assert facts("rep: Would Thursday work?\ncus: No, I can't.\nrep: All right.").next_steps == ()


@pytest.mark.parametrize(
    "text",
    [
        "If anything is loose we are here within one day.",
        "I'll get the pole out of the truck.",
        "The new windows will save you about a hundred dollars every month in the winter.",
        "We come out every three months.",
        "I'll be honest with you.",
        "I'll put you down as not interested.",
        "Our crew is here anyway, we offer a free safety check to the neighbors.",
    ],
)
def test_descriptions_and_things_done_at_once_are_no_steps(facts, text) -> None:
    assert facts(f"cus: Hm.\nrep: {text}\n").next_steps == ()


def test_offers_say_what_they_are_for(facts) -> None:
    talk = (
        "cus: And what do they cost?\n"
        "rep: The basic one is three hundred and eighty, the belt drive is four hundred and fifty.\n"
        "rep: The price for all four windows is five thousand dollars.\n"
        "rep: The price for the whole roof, with six windows is $24,000.\n"
    )
    found = [(o.what, o.amount.value, o.amount.currency) for o in facts(talk).offers]
    assert found == [
        ("The basic one", 380.0, "USD"),
        ("the belt drive", 450.0, "USD"),
        ("all four windows", 5000.0, "USD"),
        ("the whole roof, with six windows", 24000.0, "USD"),
    ]


@pytest.mark.parametrize(
    ("said", "amount"),
    [
        ("It's thirty two an hour.", 32),
        ("So that's eleven hundred and ninety with fitting.", 1190),
        ("The lease would be two hundred and ten a month.", 210),
    ],
)
def test_a_price_may_be_named_without_a_currency(facts, said, amount) -> None:
    found = facts(f"rep: I have the figures for you here. {said}\ncus: I see.").offers
    assert [o.amount.value for o in found] == [amount]


@pytest.mark.parametrize("end", ["cus: Okay, do the new one.", "rep: I just need a card for the deposit.\ncus: What?"])
def test_a_date_after_what_may_be_an_order_is_no_mere_appointment(facts, end) -> None:
    talk = (
        "rep: A new boiler would be two thousand dollars fitted.\ncus: I see.\n"
        f"{end}\nrep: Are you in on Thursday at nine?\ncus: Thursday at nine is fine."
    )
    assert facts(talk).outcome.kind in {"order", "unknown"}


def test_a_plain_yes_to_a_payment_is_an_order(facts) -> None:
    talk = (
        "rep: It is forty dollars a month.\ncus: That is fine.\nrep: When would you like us to start?\n"
        "cus: Next week.\nrep: How would you like to pay, by card or by check?\ncus: Card please.\nrep: Thank you."
    )
    assert facts(talk).outcome.kind == "order"


@pytest.mark.parametrize(
    "text",
    [
        "cus: We pay ninety dollars a month.\nrep: And ninety dollars a month hurts.",
        "cus: Hm.\nrep: The whole weight of a hundred and sixty pounds hangs on it.",
        "cus: Hm.\nrep: You save one hundred dollars every month.",
        "cus: Hm.\nrep: Her insurance paid eight thousand dollars.",
    ],
)
def test_other_amounts_are_no_offers(facts, text) -> None:
    assert facts(text).offers == ()


@pytest.mark.parametrize(
    ("end", "outcome"),
    [
        ("rep: Would you like to go ahead?\ncus: Yes, let's do it.\nrep: Please sign here.", "order"),
        ("rep: Can we meet on Monday at ten?\ncus: Monday is good.\nrep: Great.", "appointment"),
        ("rep: I'll email you the quote.\ncus: All right.\n", "follow_up"),
        ("cus: I said no thank you. Please leave.\nrep: Sorry to bother you.", "refused"),
        ("rep: The weather is fine.\ncus: It is.\n", "unknown"),
        ("cus: If my wife agrees we will take it.\nrep: Good.\n", "unknown"),
    ],
)
def test_the_outcome_is_what_was_said_last(facts, end, outcome) -> None:
    start = "rep: Good morning, this is about the windows in the kitchen.\ncus: Yes, they are old.\n" * 3
    assert facts(start + end).outcome.kind == outcome


def test_names_are_told_from_topics(facts) -> None:
    talk = (
        "rep: Good morning, are you Mrs. Okafor? My name is Dana, I'm with Kestrel.\ncus: Yes, good morning, Dana.\n"
        "rep: The hinge is broken, and the hinge is on the door.\ncus: Oh, is it the hinge?\n"
        "rep: Thank you for your time, Mrs. Okafor.\ncus: The hinge must go.\n"
    )
    found = facts(talk)
    assert (found.people.prospect, found.people.rep) == ("Mrs Okafor", "Dana")
    assert found.topics == ("hinge",)


def test_a_name_said_of_somebody_else_is_not_the_prospect(facts) -> None:
    talk = "rep: Hello, we are doing a job for Mrs. Okafor around the corner.\ncus: Hi, I'm Walter. I know her.\n"
    assert facts(talk).people.prospect == "Walter"


def test_a_name_that_was_misheard_gives_way_to_the_one_the_rep_uses(facts) -> None:
    talk = (
        "rep: Good afternoon.\ncus: Hello, my name is {}. Come in.\n"
        "rep: Thank you for your trust. Goodbye, Mrs. Young.\n"
    )
    assert facts(talk.format("Marthaium")).people.prospect == "Mrs Young"
    assert facts(talk.format("Martha")).people.prospect == "Martha"


def test_of_two_family_names_neither_is_given(facts) -> None:
    talk = (
        "rep: Good afternoon.\ncus: Hello, I am Helen {}. Come in.\n"
        "rep: Thank you for your trust. Goodbye, Mrs. Young.\n"
    )
    assert facts(talk.format("Blaine")).people.prospect == "Helen"
    assert facts(talk.format("Young")).people.prospect == "Helen Young"


def test_consent_with_a_but_is_no_agreement(facts) -> None:
    start = "rep: We take the old one away.\n"
    assert len(facts(start + "cus: That is good.\n").signals.agreement) == 1
    assert facts(start + "cus: That is good, but another company was cheaper.\n").signals.agreement == ()


def test_a_step_ends_before_the_farewell(facts) -> None:
    said = "rep: I will call you on Sunday evening to confirm, have a good day, Mr. Hill.\ncus: Goodbye.\n"
    (step,) = facts(said).next_steps
    assert (step.action, step.when) == ("Call you on Sunday evening to confirm", "Sunday evening")


def test_without_capitals_only_given_names_are_names(facts) -> None:
    assert facts("rep: hey quick question about the roof\ncus: sure\n").people.prospect is None
    assert facts("rep: hey roger\ncus: hi\nrep: nice to meet you\n").people.prospect == "Roger"


def test_without_voices_nobody_owns_anything(facts) -> None:
    found = facts("rep: I'll email you the quote on Monday.\ncus: Good.\n", labels=False)
    assert {s.owner for s in found.next_steps} == {None}
    assert found.outcome.kind == "unknown"
    assert found.offers == ()


def test_what_the_customer_will_get_is_a_task_of_the_rep(facts) -> None:
    said = "cus: I need to see that on paper.\nrep: Yes. You will get the price in writing today.\ncus: Good.\n"
    (step,) = facts(said).next_steps
    assert (step.owner, step.action) == ("rep", "See that you get the price in writing today")
