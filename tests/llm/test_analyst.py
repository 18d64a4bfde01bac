from __future__ import annotations

import copy
import socket

import pytest

from dayline.domain.analysis import NEUTRAL_SCORE, PILLARS, AnalysisTask, Prompt
from dayline.domain.errors import Unavailable
from dayline.domain.transcript import Transcript, Utterance
from dayline.llm.registry import load_analyst
from dayline.scoring.quote_verification import verify

TALK = Transcript(
    (
        Utterance(100.0, 104.0, "what do you use for the weeds in your lawn", "A"),
        Utterance(105.0, 110.0, "nothing really and it is too expensive to have somebody come", "B"),
        Utterance(111.0, 118.0, "it is forty dollars a month and the first visit is free", "A"),
        Utterance(119.0, 122.0, "all right come by on monday then", "B"),
    ),
    22.0,
    start_seconds=100.0,
)


def pillar(score: int, *quotes: str):
    return {"score": score, "positive": "Good.", "negative": "More.", "quotes": list(quotes)}


GOOD = {
    "title": "Weeds in the lawn",
    "prospect_name": None,
    "summary": "They spoke about weeds.",
    "clarity": pillar(80, "it is forty dollars a month"),
    "influence": pillar(70, "the first visit is free"),
    "objection": pillar(60, "it is too expensive to have somebody come"),
    "discovery": pillar(65, "What do you use for the weeds"),
    "delivery": pillar(50),
    "close": pillar(75, "come by on monday then"),
    "double_down": "Figures.",
    "double_down_implementation": "Keep them.",
    "general_improvement": "Ask more.",
    "quoted_principle": "",
    "objections": [
        {
            "kind": "price",
            "quote": "it is too expensive",
            "response": "it is forty dollars a month",
            "handled": True,
        }
    ],
    "next_steps": [{"action": "Visit", "owner": "rep", "when": "monday", "quote": "come by on monday"}],
    "outcome": "follow_up",
    "prompts": [],
}


def changed(**changes):
    return {**copy.deepcopy(GOOD), **changes}


def judge(config, transcript=TALK, task=None, **changes):
    analyst = load_analyst(config(**changes))
    assert analyst is not None
    return analyst.judge(transcript, task or AnalysisTask(rep_label="A"))


def test_a_good_answer_becomes_a_judgement_with_times(server, config, reply) -> None:
    server.replies = [reply(GOOD)]
    judgement = judge(config)
    assert judgement.scores == {
        "clarity": 80, "influence": 70, "objection": 60, "discovery": 65, "delivery": 50, "close": 75,
    }  # fmt: skip
    checked = verify(judgement, TALK)
    assert checked.unverified_claims == 0
    assert judgement.evidence[0].start_seconds >= 111.0
    assert judgement.objections[0].start_seconds >= 105.0
    assert (judgement.input_tokens, judgement.output_tokens) == (100, 20)
    assert len(server.requests) == 1
    assert "[111 rep] it is forty dollars" in server.prompt()
    assert server.requests[0]["response_format"]["type"] == "json_schema"
    assert server.keys == ["Bearer sk-secret"]


def test_the_answer_may_come_as_a_tool_call(server, config, reply) -> None:
    server.replies = [reply(GOOD, as_tool=True)]
    assert judge(config, output_mode="tool").scores["clarity"] == 80
    assert "response_format" not in server.requests[0]


def test_playbook_and_prompts_are_sent_and_answered(server, config, reply) -> None:
    server.replies = [
        reply(
            changed(
                quoted_principle="Name the price early.",
                prompts=[{"title": "Weeds", "answer": "Yes, asked.", "quote": "for the weeds in your lawn"}],
            )
        )
    ]
    task = AnalysisTask(
        rep_label="A",
        playbook="Rules\nName the price early.",
        prompts=(Prompt("Weeds", "Did they ask about weeds?"), Prompt("Dog", "Is there a dog?")),
    )
    judgement = judge(config, task=task)
    assert judgement.quoted_principle == "Name the price early."
    assert judgement.prompt_feedback == "Weeds: Yes, asked."
    assert "1 of 2" in judgement.prompt_summary
    assert "Dog" in judgement.prompt_summary
    assert "Did they ask about weeds?" in server.prompt()


def test_of_a_long_playbook_the_lines_that_fit_are_sent(server, config, reply) -> None:
    filler = "\n".join(f"Rule {i}: keep the brochures of series {i} dry and sorted in the van." for i in range(2000))
    server.replies = [reply(GOOD)]
    judge(
        config, task=AnalysisTask(rep_label="A", playbook=f"{filler}\nWeeds: name forty dollars a month for the lawn.")
    )
    assert "name forty dollars a month for the lawn" in server.prompt()
    assert len(server.prompt()) < 35_000


def test_a_principle_that_is_not_in_the_playbook_is_left_out(server, config, reply) -> None:
    server.replies = [reply(changed(quoted_principle="Always be closing."))]
    assert judge(config, task=AnalysisTask(rep_label="A", playbook="Be kind.")).quoted_principle is None


def test_a_broken_answer_is_asked_for_again(server, config, reply) -> None:
    server.replies = [reply(changed(clarity=pillar(900))), reply("I think it went well!"), reply(GOOD)]
    judgement = judge(config)
    assert judgement.scores["clarity"] == 80
    assert len(server.requests) == 3
    assert judgement.input_tokens == 300


def test_an_invented_quote_goes_back_to_the_model(server, config, reply) -> None:
    wrong = changed(close=pillar(75, "please sign this contract now"))
    server.replies = [reply(wrong), reply(GOOD)]
    judgement = judge(config)
    assert len(server.requests) == 2
    assert "please sign this contract now" in server.prompt(1)
    assert verify(judgement, TALK).unverified_claims == 0


def test_an_invented_quote_that_stays_is_dropped_and_counted(server, config, reply) -> None:
    server.replies = [reply(changed(close=pillar(75, "please sign this contract now")))]
    judgement = judge(config)
    assert len(server.requests) == 3  # asked to mend it twice, and no more
    checked = verify(judgement, TALK)
    assert checked.unverified_claims == 2  # the quote, and the score that nothing else carries
    assert checked.judgement.scores["close"] == NEUTRAL_SCORE
    assert checked.judgement.scores["clarity"] == 80


def test_a_score_without_a_quote_goes_back_to_the_model(server, config, reply) -> None:
    server.replies = [reply(changed(delivery=pillar(90))), reply(GOOD)]
    judge(config)
    assert len(server.requests) == 2
    assert "delivery" in server.prompt(1)


def test_nothing_but_nonsense_ends_as_unavailable(server, config, reply) -> None:
    server.replies = [reply("the weather is nice")]
    with pytest.raises(Unavailable, match="no usable answer"):
        judge(config)
    assert len(server.requests) <= 4


@pytest.mark.parametrize("raw", ["", "<html>hello</html>", "{}", '{"choices": []}', '{"choices": null}', "[1, 2]"])
def test_a_body_that_is_no_chat_answer_ends_as_unavailable(server, config, reply, raw) -> None:
    server.replies = [reply(raw=raw)]
    with pytest.raises(Unavailable):
        judge(config)


def test_too_many_requests_are_waited_for_when_the_pause_is_short(server, config, reply) -> None:
    server.replies = [reply("{}", status=429, headers={"Retry-After": "0"}), reply(GOOD)]
    assert judge(config).scores["clarity"] == 80
    assert len(server.requests) == 2


def test_a_long_pause_is_left_to_the_scheduler(server, config, reply) -> None:
    server.replies = [reply({"error": {"message": "slow down, sk-secret"}}, status=429, headers={"Retry-After": "40"})]
    with pytest.raises(Unavailable) as caught:
        judge(config)
    assert caught.value.details == {"retryable": True, "retry_after_seconds": 40.0}
    assert len(server.requests) == 1


def test_a_blip_is_tried_again_and_a_lasting_failure_is_not_hidden(server, config, reply) -> None:
    server.replies = [reply("{}", status=500), reply(GOOD)]
    assert judge(config).scores["clarity"] == 80
    server.requests.clear()
    server.replies = [reply(raw='{"error": {"message": "disk of host-7 is full"}}', status=500)]
    with pytest.raises(Unavailable, match="failed") as caught:
        judge(config)
    assert len(server.requests) == 3
    assert "host-7" not in f"{caught.value} {caught.value.details}"
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(("status", "words"), [(401, "check the key"), (404, "model"), (400, "refused")])
def test_what_trying_again_cannot_mend_says_so(server, config, reply, status, words) -> None:
    server.replies = [reply(raw='{"error": {"message": "sk-secret is wrong"}}', status=status)]
    with pytest.raises(Unavailable, match=words) as caught:
        judge(config)
    assert caught.value.details["retryable"] is False
    assert "sk-secret" not in str(caught.value)
    assert len(server.requests) == 1


def test_a_server_that_does_not_answer_is_given_up(server, config, reply) -> None:
    server.replies = [reply(GOOD, wait_seconds=1.5)]
    with pytest.raises(Unavailable, match="in time"):
        judge(config, timeout_seconds=0.2)


def test_the_question_as_a_whole_has_a_deadline(server, config, reply) -> None:
    server.replies = [reply(GOOD, wait_seconds=1.5)]
    with pytest.raises(Unavailable, match="in time"):
        judge(config, deadline_seconds=0.3)


def test_nobody_listening_is_unavailable(config) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/v1"
    with pytest.raises(Unavailable, match="cannot be reached"):
        judge(config, base_url=url)


def test_silence_is_judged_without_asking(server, config) -> None:
    judgement = judge(config, Transcript((), 30.0))
    assert set(judgement.scores.values()) == {NEUTRAL_SCORE}
    assert server.requests == []


def test_a_long_talk_is_judged_in_windows(server, config, reply) -> None:
    long = Transcript(
        tuple(
            Utterance(10.0 * i, 10.0 * i + 9, f"marker{i} this is what we do for the lawn every single week", "A")
            for i in range(40)
        ),
        400.0,
    )

    def answer(request):
        text = str(request["messages"])
        first = next(i for i in range(40) if f"marker{i} " in text)
        quoted = {p: pillar(40 + first, f"marker{first} this is what we do") for p in PILLARS}
        outcome = "follow_up" if first else "sale"
        return reply(changed(**quoted, objections=[], next_steps=[], outcome=outcome, summary=f"From {first}."))

    server.replies = [answer]
    judgement = judge(config, long, window_tokens=300)
    assert len(server.requests) > 1
    assert all(len(str(r["messages"])) < 8_000 for r in server.requests)
    assert verify(judgement, long).unverified_claims == 0
    assert judgement.outcome == "follow_up"
    assert judgement.summary.startswith("From 0. From ")
    assert 40 < judgement.scores["clarity"] < 80
    assert judgement.input_tokens == 100 * len(server.requests)
    assert sum(f"marker{i} " in "".join(map(str, server.requests)) for i in range(40)) == 40
