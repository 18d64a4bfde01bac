"""Who is served next when calls of several owners wait for a place."""

from __future__ import annotations

import threading
import time

import pytest

from dayline.domain.errors import Cancelled
from dayline.processes.fair_places import FairPlaces


def _wait(places: FairPlaces, served: list[str], owner: str) -> threading.Thread:
    """Start a call that waits for a place, writes its owner down and ends."""
    before = places.waiting

    def call() -> None:
        with places.taken(owner):
            served.append(owner)

    thread = threading.Thread(target=call)
    thread.start()
    looking = threading.Event()
    for _ in range(6000):
        if places.waiting > before:
            return thread
        looking.wait(0.01)
    raise AssertionError("the call does not wait")


def test_owners_are_served_in_turn_whatever_came_first() -> None:
    places = FairPlaces(1)
    served: list[str] = []
    with places.taken("large"):
        threads = [_wait(places, served, owner) for owner in ["large"] * 5 + ["small", "other", "small"]]
    for thread in threads:
        thread.join(60)
    assert served == ["large", "small", "other", "large", "small", "large", "large", "large"]


def test_no_more_calls_run_than_there_are_places_and_every_place_comes_back() -> None:
    places = FairPlaces(3)
    lock, running, most = threading.Lock(), 0, 0
    full = threading.Barrier(3)

    def call(owner: str) -> None:
        nonlocal running, most
        with places.taken(owner):
            with lock:
                running += 1
                most = max(most, running)
            full.wait(60)  # all three places are taken before one comes back
            with lock:
                running -= 1

    threads = [threading.Thread(target=call, args=(f"owner {n % 4}",)) for n in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (running, most, places.waiting) == (0, 3, 0)
    with pytest.raises(KeyError), places.taken("x"):
        raise KeyError
    for _ in range(4):
        with places.taken("x"), places.taken("y"), places.taken("z"):
            pass


def test_a_call_that_is_cancelled_waits_no_longer_and_the_others_keep_their_turn() -> None:
    places = FairPlaces(1)
    served: list[str] = []
    stop = threading.Event()
    cancelled = threading.Event()

    def call() -> None:
        try:
            with places.taken("cancelled", stop.is_set):
                served.append("cancelled")
        except Cancelled:
            cancelled.set()

    with places.taken("first"):
        thread = threading.Thread(target=call)
        thread.start()
        while not places.waiting:
            time.sleep(0.01)
        other = _wait(places, served, "other")
        stop.set()
        assert cancelled.wait(10)
        assert places.waiting == 1
    thread.join(60)
    other.join(60)
    assert served == ["other"]
    with places.taken("next"):
        assert places.waiting == 0


def test_a_place_that_was_handed_to_a_cancelled_call_comes_back() -> None:
    """The call is told to stop at the moment at which it is given the place."""
    places = FairPlaces(1)
    left = threading.Event()

    def wait_and_leave() -> None:
        called = places._take("late")
        assert called is not None
        called.wait(10)
        places._leave("late", called)
        left.set()

    with places.taken("first"):
        thread = threading.Thread(target=wait_and_leave)
        thread.start()
        while not places.waiting:
            time.sleep(0.01)
    assert left.wait(10)
    thread.join(60)
    with places.taken("next"):
        assert places._free == 0
    assert places._free == 1
