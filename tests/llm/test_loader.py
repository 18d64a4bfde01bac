from __future__ import annotations

import subprocess
import sys

import pytest

from dayline.bootstrap import language_config
from dayline.domain.analysis import PILLARS, AnalysisTask
from dayline.domain.errors import Unavailable
from dayline.domain.transcript import Transcript, Utterance
from dayline.llm.config import LanguageConfig
from dayline.llm.fake import FakeAnalyst
from dayline.llm.registry import NAMES, load_analyst
from dayline.scoring.quote_verification import verify
from dayline.settings import Settings


def test_names() -> None:
    assert NAMES == ("rubric", "openai", "fake")
    assert load_analyst(LanguageConfig()) is None
    assert isinstance(load_analyst(LanguageConfig(name="fake")), FakeAnalyst)
    analyst = load_analyst(LanguageConfig(name="openai", model="m-1"))
    assert analyst is not None
    assert (analyst.info.engine, analyst.info.model) == ("openai", "m-1")


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(ValueError, match="rubric, openai, fake"):
        load_analyst(LanguageConfig(name="oracle"))


def test_a_model_needs_a_name() -> None:
    with pytest.raises(ValueError, match="name"):
        load_analyst(LanguageConfig(name="openai"))


def test_the_key_is_not_shown() -> None:
    assert "sk-1" not in repr(LanguageConfig(api_key="sk-1"))


def test_offline_nobody_pays_for_the_model_library() -> None:
    code = (
        "import sys, dayline.llm.registry as l;"
        "l.load_analyst(l.LanguageConfig()); l.load_analyst(l.LanguageConfig(name='openai', model='m'));"
        "print([m for m in ('pydantic_ai', 'openai') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_fake_is_a_whole_analyst() -> None:
    talk = Transcript((Utterance(5.0, 8.0, "good morning to you all in here"),), 8.0)
    fake = FakeAnalyst(score=66, failures=[Unavailable("later")])
    with pytest.raises(Unavailable):
        fake.analyze(talk, AnalysisTask(rep_label=None))
    checked = verify(fake.analyze(talk, AnalysisTask(rep_label=None)), talk)
    assert checked.unverified_claims == 0
    assert checked.assessment.scores == dict.fromkeys(PILLARS, 66)
    assert len(fake.tasks) == 2


def test_the_output_mode_is_a_setting() -> None:
    assert language_config(Settings(language_output_mode="tool")).output_mode == "tool"
    assert language_config(Settings()).output_mode == "schema"


def test_the_limits_of_time_are_settings() -> None:
    given = Settings(language_timeout_seconds=600, language_deadline_seconds=900, reader_page_seconds=1200)
    config = language_config(given)
    assert (config.timeout_seconds, config.deadline_seconds, config.reader_page_seconds) == (600, 900, 1200)
