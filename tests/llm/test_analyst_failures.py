"""What the analyst does when the server of the language model is slow, refuses, or answers with something else."""

from __future__ import annotations

import socket

import pytest

from dayline.domain.analysis import PILLARS, AnalysisTask
from dayline.domain.errors import Unavailable
from dayline.llm.model_check import check_model
from dayline.llm.registry import load_analyst
from dayline.workflows.analysis.fallback import ask_model
from dayline.workflows.computing import with_reason
from tests.llm.scripted_answers import GOOD, TALK, changed, cited, judge, pillar


def test_nothing_but_nonsense_ends_as_the_rubrics_answer(server, config, reply) -> None:
    server.replies = [reply("the weather is nice")]
    with pytest.raises(Unavailable, match="no usable answer"):
        judge(config)
    assert len(server.requests) <= 4
    analyst = load_analyst(config())
    assert analyst is not None
    assessment, reason = ask_model(analyst, TALK, AnalysisTask(rep_label="A"))
    assert assessment is None
    assert with_reason("More.", reason) == "Judged by rules, because the language model gave no usable answer. More."


def test_a_slow_model_ends_as_the_rubrics_answer(server, config, reply) -> None:
    server.replies = [reply(GOOD, wait_seconds=2.0)]
    analyst = load_analyst(config(deadline_seconds=0.3, timeout_seconds=0.2))
    assert analyst is not None
    assert ask_model(analyst, TALK, AnalysisTask(rep_label="A")) == (None, "the language model did not answer in time")


@pytest.mark.parametrize(("status", "retryable"), [(401, False), (404, False), (429, True), (503, True)])
def test_what_waiting_or_an_operator_can_mend_is_raised(server, config, reply, status, retryable) -> None:
    server.replies = [reply("{}", status=status, headers={"Retry-After": "40"})]
    analyst = load_analyst(config(blip_retries=0))
    assert analyst is not None
    with pytest.raises(Unavailable) as caught:
        ask_model(analyst, TALK, AnalysisTask(rep_label="A"))
    assert caught.value.details["retryable"] is retryable


NESTED_TOO_DEEPLY = '{"choices": ' + "[" * 20_000 + "]" * 20_000 + "}"


@pytest.mark.parametrize(
    "raw",
    ["", "<html>hello</html>", "{}", '{"choices": []}', '{"choices": null}', "[1, 2]", NESTED_TOO_DEEPLY],
    ids=["empty", "page", "object", "no choice", "null", "list", "nested too deeply"],
)
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
    assert caught.value.details == {"retryable": True, "retry_after_seconds": 40.0, "reason": "rate_limit"}
    assert len(server.requests) == 1


def test_the_check_says_in_one_question_whether_a_model_can(server, config, reply) -> None:
    answer = changed(
        title="Spring",
        summary=[],
        **{p: pillar(50) for p in PILLARS if p != "close"},
        close=pillar(80, cited(5, "Would Thursday at nine work for you")),
        double_down=None,
        general_improvement=None,
        objections=[],
        next_steps=[],
        offers=[],
    )
    server.replies = [reply(answer)]
    assert check_model(config()).works
    server.replies = [reply("I cannot do that.")]
    check = check_model(config())
    assert not check.works
    assert "no usable answer" in check.message
    server.replies = [reply("{}", status=401)]
    assert "refused the key" in check_model(config()).message


def test_the_check_names_the_output_mode_that_the_server_knows(server, config, reply) -> None:
    """Some servers answer a response format that they do not know with 500."""
    answer = changed(close=pillar(80, cited(5, "Would Thursday at nine work for you")))

    def only_plain_json(request):
        known = request.get("response_format", {}).get("type") == "json_object"
        return reply(answer) if known else reply("{}", status=500)

    server.replies = [only_plain_json]
    check = check_model(config(blip_wait_seconds=0.0))
    assert not check.works
    assert "DAYLINE_LANGUAGE_OUTPUT_MODE=json" in check.message
    assert check_model(config(output_mode="json")).works
    server.replies = [reply("{}", status=500)]
    assert "OUTPUT_MODE" not in check_model(config(blip_wait_seconds=0.0)).message


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
