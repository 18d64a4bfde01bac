"""The org decides whether its conversations may be sent to a language model."""

from __future__ import annotations

from typing import Any

import pytest

from dayline.analyses.view import analysis_view
from dayline.llm.fake import FakeAnalyst
from dayline.orgs import repository as orgs
from dayline.workflows.steps import analyze


@pytest.mark.parametrize(("allowed", "is_asked"), [("off", False), ("customers_only", True), (None, True)])
def test_nothing_of_an_org_is_sent_that_forbids_it(environment: Any, allowed: str | None, is_asked: bool) -> None:
    analyst = FakeAnalyst()
    environment.change(analyst=analyst)
    _, analysis_ids = environment.up_to_analyses("mock://single-call")
    if allowed is not None:
        with environment.database.write() as tx:
            orgs.update_org(tx, environment.partner_id, "o", settings={"language_model": allowed})
    analyze.analyze(environment.parts, analysis_ids[0], 1)
    assert bool(analyst.tasks) == is_asked
    with environment.database.read() as tx:
        found = analysis_view(tx, analysis_ids[0])["analysis"]
    assert found is not None
    if not is_asked:
        assert (found["method"], found["analyst"]["engine"]) == ("rubric", "rubric")
        assert "the org lets nothing be sent to a language model" in (found["limits"] or "")
