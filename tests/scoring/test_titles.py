from __future__ import annotations

from pathlib import Path

import pytest

from dayline.detection import detect
from dayline.domain.analysis import AnalysisTask
from dayline.scoring.rubric import RubricAnalyst
from dayline.scoring.titles import title_of
from dayline.workflows.analysis.titles import with_titles
from dayline.workflows.sandbox.scripts import mock_day


def test_a_title_says_what_and_with_whom(dialogue, make) -> None:
    assert title_of(make(dialogue("strong_medical")), "rep").endswith(" with Dr Feldman")


def test_words_of_the_trade_are_preferred(make) -> None:
    talk = make(
        "rep: The hinge is old. The lamp is new. The cord is long.\ncus: The hinge and the lamp and the cord.\n"
        "rep: The lamp is there. The cord is here. The hinge is loose.\n"
    )
    assert "lamp" in title_of(talk, "rep", ["lamp"]).lower().split()[0]
    assert "cord" in title_of(talk, "rep", ["cord"]).lower().split()[0]


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


def test_a_word_counts_wherever_it_stands_once_it_was_a_noun(make) -> None:
    talk = make(
        "rep: Is that the piano?\ncus: Yes, my mother's piano has stood there since the war.\n"
        "rep: Piano tuning takes two hours.\ncus: A new piano costs more, and the key sticks.\nrep: The key is easy."
    )
    assert title_of(talk, "rep").startswith("Piano")


@pytest.mark.parametrize("name", sorted(path.stem for path in (Path(__file__).parent / "dialogues").glob("*.txt")))
def test_the_title_without_an_analysis_is_the_one_with_it(dialogue, make, name) -> None:
    talk = make(dialogue(name))
    assessment = RubricAnalyst().analyze(talk, AnalysisTask(rep_label="rep"))
    assert title_of(talk, "rep") == assessment.title


@pytest.mark.parametrize(("trade", "named"), [([], False), (["grant"], True)])
def test_a_word_that_is_a_first_name_too_is_a_topic_of_its_trade_only(make, trade, named) -> None:
    talk = make(
        "rep: There is a grant for the stove. The stove burns wood.\ncus: The grant is small, and the stove is dear.\n"
        "rep: The grant pays a third. The stove lasts.\ncus: Who pays the grant?\n"
    )
    assert ("grant" in title_of(talk, "rep", trade).lower()) is named


def test_a_pronoun_is_no_topic(make) -> None:
    talk = make(
        "rep: The van is himself, as they say. The van needs a rack.\ncus: A van for himself, a rack for himself.\n"
        "rep: The himself again. And the rack?\ncus: The rack goes in the van, and the himself goes home.\n"
    )
    assert "himself" not in title_of(talk, "rep").lower()


def test_a_word_that_joins_is_no_topic(make) -> None:
    talk = make(
        "rep: No ifs, no ands. The hinge is loose, and the hinge is old.\ncus: The ands again. And the hinge?\n"
        "rep: The hinge and no more ands.\ncus: No ands, and the hinge is done.\n"
    )
    assert "and" not in title_of(talk, "rep").lower().replace("ands", "and").split()
    assert "hinge" in title_of(talk, "rep").lower()


def test_a_form_of_address_is_no_topic(make) -> None:
    talk = make(
        "rep: Good morning to the sir of the house. The hinge is loose, sir.\ncus: Call me no sir. The hinge is old.\n"
        "rep: For a sir like you the hinge is free.\ncus: Then the sir of this house takes a hinge.\n"
    )
    assert "sir" not in title_of(talk, "rep").lower().split()
    assert "hinge" in title_of(talk, "rep").lower()


def test_a_name_with_a_possessive_is_no_topic(make) -> None:
    talk = make(
        "rep: Good morning.\ncus: Our Jean's here, the one with the opinions. The hinge is loose.\n"
        "rep: Hang on, your Jean's got the hinge. Is it old?\ncus: My Jean's away with the hinge.\n"
        "rep: And that Jean's right, the hinge is done.\n"
    )
    assert "jean" not in title_of(talk, "rep").lower()
    assert "hinge" in title_of(talk, "rep").lower()
