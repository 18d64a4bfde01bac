from __future__ import annotations

import pytest

from dayline.detection import detect
from dayline.scoring.titles import title_of
from dayline.workflows.analysis.titles import with_titles
from dayline.workflows.sandbox.scripts import mock_day


def test_a_title_says_what_and_with_whom(dialogue, make) -> None:
    assert title_of(make(dialogue("strong_medical")), "rep").endswith(" with Dr Feldman")


@pytest.mark.parametrize("text", ["", "rep: hello", "cus: um"])
def test_a_title_is_never_empty(make, text) -> None:
    assert title_of(make(text), "rep")


def test_every_conversation_of_a_day_gets_a_title() -> None:
    said = mock_day("mock://three-conversations")
    day = with_titles(detect(said), said, None)
    assert len(day.customers) == 3
    assert all(c.title for c in day.customers)
    assert "Okafor" in (day.customers[0].title or "")
    assert "Dana" not in " ".join(c.title or "" for c in day.customers)
