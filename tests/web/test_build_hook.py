"""When the console is built for a wheel, and when it is left out."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def builder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("console_build_test", ROOT / "console/build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["console_build_test"] = module
    spec.loader.exec_module(module)
    source = tmp_path / "console"
    (source / "src").mkdir(parents=True)
    (source / "src/main.ts").write_text("one")
    static = tmp_path / "static"
    static.mkdir()
    monkeypatch.setattr(module, "CONSOLE", source)
    monkeypatch.setattr(module, "STATIC", static)
    monkeypatch.setattr(module, "STAMP", static / ".built-from")
    return module


def test_a_build_is_current_until_the_source_changes(builder: ModuleType) -> None:
    assert not builder.is_current()
    (builder.STATIC / "index.html").write_text("page")
    builder.STAMP.write_text(builder.source_hash())
    assert builder.is_current()
    (builder.CONSOLE / "src/main.ts").write_text("two")
    assert not builder.is_current()


def test_tests_and_fetched_packages_are_no_source(builder: ModuleType) -> None:
    before = builder.source_hash()
    (builder.CONSOLE / "src/main.test.ts").write_text("a test")
    (builder.CONSOLE / "node_modules/react").mkdir(parents=True)
    (builder.CONSOLE / "node_modules/react/index.js").write_text("react")
    assert builder.source_hash() == before
    (builder.CONSOLE / "src/other.ts").write_text("more")
    assert builder.source_hash() != before
