"""Commands that are imported when they run, so that `dayline version` and `--help` import no service."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup


class LazyCommand(TyperCommand):
    """A command whose module is imported when it is invoked.

    Attributes:
        target: `module:attribute` of a function or of a `typer.Typer` with subcommands.
    """

    def __init__(self, name: str, target: str, help: str) -> None:
        super().__init__(name, help=help, rich_markup_mode="rich")
        self.target = target

    def load(self) -> Any:
        """Import the target and return the command that it defines."""
        module, _, attribute = self.target.partition(":")
        found = getattr(import_module(module), attribute)
        if not isinstance(found, typer.Typer):
            app = typer.Typer(add_completion=False)
            app.command(self.name)(found)
            found = app
        command = typer.main.get_command(found)
        command.name = self.name
        return command

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """Parse the arguments with the real command; the returned context invokes it."""
        return self.load().make_context(info_name, args, parent=parent, **extra)


def lazy_group(commands: tuple[LazyCommand, ...]) -> type[TyperGroup]:
    """Return a group class that contains `commands` and those that its app registers."""

    class LazyGroup(TyperGroup):
        def __init__(self, **attributes: Any) -> None:
            super().__init__(**attributes)
            for command in commands:
                self.commands.setdefault(str(command.name), command)

        def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - signature of the library
            return [str(c.name) for c in commands] + [n for n in self.commands if n not in {c.name for c in commands}]

    return LazyGroup
