"""The delivery policy: what follows from the outcome of an attempt."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dayline.clock import now
from dayline.webhooks.deliveries_repository import DeliveryStatus
from dayline.webhooks.delivery import DeliveryPolicy
from dayline.webhooks.http_client import Outcome

TAKEN = Outcome(200, None, 0.1)
FAILED = Outcome(500, "answered 500", 0.1)
GONE = Outcome(410, "answered 410", 0.1)


def _wait_seconds(policy: DeliveryPolicy, outcome: Outcome = FAILED, number: int = 1) -> float:
    state = policy.next_state(outcome, number, failing_since=None)
    assert state.status == DeliveryStatus.PENDING
    assert state.next_attempt_at is not None
    return (state.next_attempt_at - now()).total_seconds()


def test_waits_vary_by_the_jitter_and_no_more():
    policy = DeliveryPolicy(delays_seconds=(1000.0,), jitter=0.1)
    waits = [_wait_seconds(policy) for _ in range(300)]
    assert 899 <= min(waits) < 920
    assert 1080 < max(waits) <= 1101
    steady = DeliveryPolicy(delays_seconds=(1000.0,), jitter=0.0)
    assert all(999 <= _wait_seconds(steady) <= 1000 for _ in range(20))


def test_the_documented_waits_are_the_defaults():
    policy = DeliveryPolicy()
    for number, seconds in enumerate((60, 300, 1500, 7200, 28800), 1):
        assert 0.9 * seconds - 1 <= _wait_seconds(policy, number=number) <= 1.1 * seconds + 1
    assert policy.next_state(FAILED, 6, failing_since=None).status == DeliveryStatus.FAILED


def test_a_receiver_can_make_a_wait_longer_and_not_shorter():
    policy = DeliveryPolicy(delays_seconds=(100.0,), jitter=0.0, retry_after_cap_seconds=500.0)
    asked = {1.0: 100, 300.0: 300, 9999.0: 500}
    for seconds, expected in asked.items():
        wait = _wait_seconds(policy, Outcome(503, "answered 503", 0.1, retry_after_seconds=seconds))
        assert expected - 1 <= wait <= expected


@pytest.mark.parametrize(
    ("outcome", "failing_for", "status", "is_disabled"),
    [
        (TAKEN, timedelta(days=9), DeliveryStatus.SUCCEEDED, False),
        (FAILED, timedelta(days=4, hours=23), DeliveryStatus.PENDING, False),
        (FAILED, timedelta(days=5, seconds=1), DeliveryStatus.FAILED, True),
        (GONE, timedelta(0), DeliveryStatus.FAILED, True),
    ],
)
def test_an_endpoint_is_disabled_after_five_days_or_a_410(outcome, failing_for, status, is_disabled):
    state = DeliveryPolicy().next_state(outcome, 1, failing_since=now() - failing_for)
    assert (state.status, state.disable_reason is not None) == (status, is_disabled)
