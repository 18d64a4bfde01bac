"""What an org's playbook tells the detector and the analyst."""

from __future__ import annotations

from dayline.orgs import repository as orgs
from dayline.playbooks import service as playbooks
from dayline.playbooks.schemas import PlaybookRequest
from dayline.sessions import repository as sessions
from dayline.workflows.analysis.guidance import day_context


def context_of(environment, **fields):
    session = sessions.new_record(
        partner_id=environment.partner_id,
        environment="production",
        org_id="o",
        rep_id="r",
        recording_url="mock://back-to-back",
        file_key=None,
        options={},
    )
    with environment.database.write() as tx:
        orgs.ensure(tx, environment.partner_id, "o", "r")
        if fields:
            playbooks.add(tx, "o", PlaybookRequest(**fields), partner_id=environment.partner_id)
        return day_context(tx, session)


def test_without_a_playbook_nothing_is_known(environment) -> None:
    assert context_of(environment) is None


def test_the_vocabulary_of_a_playbook_goes_before_its_most_used_words(environment) -> None:
    text = "gutters gutters gutters shingles shingles soffit"
    used = context_of(environment, content=text)
    assert used is not None
    assert used.vocabulary == ("gutters", "shingles", "soffit")
    given = context_of(
        environment, content=text, metadata={"vocabulary": ["Fascia", "Ridge vent"], "business": "Roofs"}
    )
    assert given is not None
    assert (given.vocabulary, given.business) == (("Fascia", "Ridge vent"), "Roofs")
