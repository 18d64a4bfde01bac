from __future__ import annotations

from dayline.domain.opinion import DoubtfulPiece
from dayline.domain.timeline import DayContext
from dayline.llm.fake import FakeSecondOpinion
from dayline.llm.registry import load_second_opinion

GATE = DoubtfulPiece(1000.0, 1020.0, "so the gutters would be nine hundred and we could come on friday if you like")
OFFICE = DoubtfulPiece(3000.0, 3010.0, "did you put the van keys back on the hook in the office yesterday")


def opinion(kind: str, quote: str):
    return {"kind": kind, "quote": quote, "reason": "A price and a date are offered."}


def test_an_opinion_with_a_true_quote_counts(server, config, reply) -> None:
    server.replies = [reply(opinion("customer", "We could come on Friday"))]
    ask = load_second_opinion(config(), DayContext(business="Harbor Gutters", vocabulary=("gutter", "downspout")))
    assert ask is not None
    (found,) = ask([GATE])
    assert (found.kind, found.quote) == ("customer", "we could come on friday")
    assert 1000.0 < found.at_seconds < 1020.0
    assert "Harbor Gutters" in server.prompt()
    assert "nine hundred" in server.prompt()


def test_each_piece_gets_its_own_answer_in_order(server, config, reply) -> None:
    def answer(request):
        if "van keys" in str(request["messages"]):
            return reply(opinion("internal", "van keys back on the hook"))
        return reply(opinion("customer", "the gutters would be nine hundred"))

    server.replies = [answer]
    ask = load_second_opinion(config())
    found = ask([GATE, OFFICE])
    assert [o.kind for o in found] == ["customer", "internal"]
    assert ask.input_tokens == 200


def test_an_invented_quote_is_no_opinion(server, config, reply) -> None:
    server.replies = [reply(opinion("customer", "i would like to buy your roof"))]
    assert load_second_opinion(config())([GATE]) == []
    assert len(server.requests) == 3


def test_not_knowing_is_no_opinion(server, config, reply) -> None:
    server.replies = [reply(opinion("unknown", ""))]
    assert load_second_opinion(config())([GATE]) == []
    assert len(server.requests) == 1


def test_nonsense_errors_and_time_outs_are_no_opinion(server, config, reply) -> None:
    server.replies = [reply("perhaps a customer?")]
    assert load_second_opinion(config())([GATE]) == []
    server.replies = [reply(opinion("alien", "we could come on friday"))]
    assert load_second_opinion(config())([GATE]) == []
    server.replies = [reply("{}", status=500)]
    assert load_second_opinion(config())([GATE]) == []
    server.replies = [reply("{}", status=401)]
    assert load_second_opinion(config())([GATE]) == []
    server.replies = [reply(opinion("customer", "we could come on friday"), wait_seconds=1.5)]
    assert load_second_opinion(config(timeout_seconds=0.2))([GATE]) == []


def test_one_slow_answer_does_not_take_the_others(server, config, reply) -> None:
    def answer(request):
        if "van keys" in str(request["messages"]):
            return reply(opinion("internal", "van keys back on the hook"), wait_seconds=6.0)
        return reply(opinion("customer", "the gutters would be nine hundred"))

    server.replies = [answer]
    found = load_second_opinion(config(timeout_seconds=30.0, opinion_deadline_seconds=3.0))([GATE, OFFICE])
    assert [o.kind for o in found] == ["customer"]


def test_a_day_has_a_budget(server, config, reply) -> None:
    server.replies = [reply(opinion("unknown", ""))]
    ask = load_second_opinion(config(opinions_per_day=3))
    ask([GATE, OFFICE])
    ask([GATE, OFFICE, GATE])
    assert len(server.requests) == 3
    assert ask([GATE]) == []
    assert ask.left == 0


def test_pieces_without_words_cost_nothing(server, config) -> None:
    ask = load_second_opinion(config(opinions_per_day=3))
    assert ask([DoubtfulPiece(0.0, 5.0, "  ")]) == []
    assert (ask.left, server.requests) == (3, [])


def test_a_long_piece_is_shortened_in_the_middle(server, config, reply) -> None:
    words = [f"w{i}" for i in range(5000)]
    server.replies = [reply(opinion("personal", "w4990 w4991 w4992 w4993"))]
    (found,) = load_second_opinion(config())([DoubtfulPiece(0.0, 5000.0, " ".join(words))])
    assert abs(found.at_seconds - 4990.0) < 2.0
    assert "w10 " in server.prompt()
    assert "w2500 " not in server.prompt()


def test_without_a_model_nobody_is_asked(config) -> None:
    assert load_second_opinion(config(name="rubric")) is None
    assert load_second_opinion(config(opinions_per_day=0)) is None
    assert isinstance(load_second_opinion(config(name="fake")), FakeSecondOpinion)
