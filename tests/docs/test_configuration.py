"""`docs/configuration.md` names every setting with its default, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import SecretStr

from dayline.settings import Settings

PAGE = Path(__file__).resolve().parents[2] / "docs" / "configuration.md"
ROW = re.compile(r"^\| `(DAYLINE_[A-Z_]+)` \| (.*?) \| (.+?) \|$", re.MULTILINE)
ROWS = ROW.findall(PAGE.read_text(encoding="utf-8"))
# What callers of the service set for themselves.
OF_CALLERS = {
    "DAYLINE_URL",
    "DAYLINE_KEY",
    "DAYLINE_API_KEY",
    "DAYLINE_DEV_KEY",
    "DAYLINE_DEV_URL",
    "DAYLINE_SKIP_CONSOLE",
}
FIELDS = {f"DAYLINE_{name.upper()}": field for name, field in Settings.model_fields.items()}


def _written(name: str) -> str:
    """Return the default of a setting as a person would put it into the environment."""
    value = FIELDS[name].get_default(call_default_factory=True)
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if value is None or value in ("", []):
        return "empty"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, list):
        return f"`{','.join(_figure(v) for v in value)}`"
    return f"`{_figure(value)}`"


def _figure(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def test_every_setting_is_listed_once():
    assert sorted(name for name, _, _ in ROWS) == sorted(FIELDS)


DEFAULTS = [(name, default) for name, default, _ in ROWS]


def _can_be_written(name):
    """A setting that is unset by default cannot be put into the environment: unset is not the same as empty."""
    return getattr(Settings(), name.removeprefix("DAYLINE_").lower()) is not None


@pytest.mark.parametrize(("name", "default"), DEFAULTS)
def test_the_default_is_the_one_of_the_code(name, default):
    assert default == _written(name)


@pytest.mark.parametrize(("name", "default"), [row for row in DEFAULTS if _can_be_written(row[0])])
def test_the_default_can_be_set(name, default, monkeypatch, tmp_path):
    """What the page shows as default means the same when it is put into the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(name, raising=False)
    field = name.removeprefix("DAYLINE_").lower()
    by_default = getattr(Settings(), field)
    monkeypatch.setenv(name, "" if default == "empty" else default.strip("`"))
    assert getattr(Settings(), field) == by_default


def test_no_other_page_names_a_setting_that_does_not_exist():
    pages = [*PAGE.parent.rglob("*.md"), PAGE.parents[1] / "README.md"]
    named = {m for p in pages for m in re.findall(r"DAYLINE_[A-Z_]+(?<!_)", p.read_text(encoding="utf-8"))}
    named -= OF_CALLERS
    assert not {n for n in named if n not in FIELDS and not any(f.startswith(f"{n}_") for f in FIELDS)}
