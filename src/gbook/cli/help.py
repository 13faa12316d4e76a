"""The help of commands, as plain text with bold headings.

typer's panels need rich and a Markdown parser, which take longer to import than a warm query takes to run.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

__all__ = ["App", "Command", "Group"]

# Wider help is hard to read; narrower terminals get narrower help.
MAX_WIDTH = 100
HEADING = re.compile(r"^(?:Usage|Arguments|Options|Commands):", re.MULTILINE)
CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": MAX_WIDTH}


class Command(TyperCommand):
    """A command with plain help."""

    def get_help(self, ctx: Any) -> str:
        return _with_headings(super().get_help(ctx))


class Group(TyperGroup):
    """A group of commands with plain help, in which no summary of a command is cut."""

    def get_help(self, ctx: Any) -> str:
        return _with_headings(super().get_help(ctx))

    def summaries(self, ctx: Any) -> list[tuple[str, str]]:
        """Return the names and summaries of the commands."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        return [(name, command.get_short_help_str(limit=MAX_WIDTH)) for name, command in commands if command]

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(self.summaries(ctx))


class App(typer.Typer):
    """A typer application whose help is plain. `epilog` is not wrapped: it is an example to copy."""

    def __init__(self, *, cls: type[Group] = Group, epilog: str | None = None, **settings: Any) -> None:
        super().__init__(
            cls=cls,
            epilog=_unwrapped(epilog),
            rich_markup_mode=None,
            pretty_exceptions_enable=False,
            context_settings=CONTEXT,
            **settings,
        )

    def command(  # type: ignore[override]  # the settings that gbook uses
        self, name: str | None = None, *, epilog: str | None = None
    ) -> Callable[[Callable[..., None]], Callable[..., None]]:
        """Register a function as a command."""
        return super().command(name, cls=Command, epilog=_unwrapped(epilog), context_settings=CONTEXT)


def _unwrapped(text: str | None) -> str | None:
    """Return a text with the mark that keeps its lines as they are."""
    return f"\b\n{text}" if text else None


def _with_headings(text: str) -> str:
    """Return help with bold headings; typer removes the style where the output is no terminal."""
    return HEADING.sub(lambda match: typer.style(match[0], bold=True), text)
