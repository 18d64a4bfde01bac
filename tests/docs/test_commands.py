"""Commands, options and scripts that the pages name exist."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import typer

from dayline.cli.app import app
from dayline.cli.lazy import LazyCommand

ROOT = Path(__file__).resolve().parents[2]
FENCED = re.compile(r"^ *```([a-z]*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
SHELLS = {"", "sh", "bash", "shell", "console"}
INDENTED = re.compile(r"^ {4}(\S.*)$", re.MULTILINE)
INLINE = re.compile(r"`([^`\n]+)`")
SCRIPT = re.compile(r"(?<![\w/.-])scripts/([\w./-]+\w)")
PLACEHOLDER = re.compile(r"^[A-Z|_\[\]]+$")


def _tree(command: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    command = command.load() if isinstance(command, LazyCommand) else command
    found = {path: command}
    for name, child in getattr(command, "commands", {}).items():
        found |= _tree(child, (*path, name))
    return found


COMMANDS = _tree(typer.main.get_command(app))


def _snippets(page: Path) -> list[str]:
    text = page.read_text(encoding="utf-8")
    blocks = [line for language, block in FENCED.findall(text) if language in SHELLS for line in block.splitlines()]
    prose = FENCED.sub("", text)
    return [*blocks, *INDENTED.findall(prose), *INLINE.findall(prose)]


def _calls(page: Path) -> list[list[str]]:
    """Return the words after `dayline` of each call that a page shows."""
    calls: list[list[str]] = []
    for snippet in _snippets(page):
        for part in re.split(r"\||&&|;|\$\(", snippet.strip().removeprefix("$ ")):
            words = part.replace(")", " ").replace('"', " ").split()
            while words and re.fullmatch(r"[A-Z_]+=\S*", words[0]):
                words = words[1:]
            if words and words[0] in ("dayline", ".venv/bin/dayline"):
                calls.append(words[1:])
    return calls


def _problem(words: list[str]) -> str | None:
    path: tuple[str, ...] = ()
    rest = list(words)
    while rest and (*path, rest[0]) in COMMANDS:
        path = (*path, rest.pop(0))
    command = COMMANDS[path]
    is_group = bool(getattr(command, "commands", None))
    if is_group and rest and not rest[0].startswith("-") and not PLACEHOLDER.match(rest[0]):
        return f"dayline {' '.join((*path, rest[0]))} does not exist"
    if command.context_settings.get("ignore_unknown_options"):
        return None
    known = {"--help", *(name for p in command.params for name in (*p.opts, *p.secondary_opts))}
    given = [w.split("=")[0].strip("[]") for w in rest if w.lstrip("[").startswith("--")]
    strange = [name for name in given if name not in known]
    return f"dayline {' '.join(path)} takes no {strange[0]}" if strange else None


def test_commands_and_options_exist(pages):
    wrong = [
        f"{page.relative_to(ROOT)}: {problem}"
        for page in pages
        for words in _calls(page)
        if (problem := _problem(words))
    ]
    assert not wrong


def test_every_command_is_named_somewhere(pages):
    called = {tuple(words[: len(path)]) for page in pages for words in _calls(page) for path in COMMANDS}
    leaves = [path for path, command in COMMANDS.items() if path and not getattr(command, "commands", None)]
    assert not [" ".join(path) for path in leaves if path not in called]


def test_scripts_exist(pages):
    named = {name for page in pages for name in SCRIPT.findall(page.read_text(encoding="utf-8"))}
    assert named >= {"demo", "test"}
    assert not [name for name in sorted(named) if not (ROOT / "scripts" / name).exists()]


@pytest.mark.parametrize("name", ["demo", "test"])
def test_the_two_commands_can_be_run(name):
    assert (ROOT / "scripts" / name).stat().st_mode & 0o111
