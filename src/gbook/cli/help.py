"""The help of commands, as plain text with bold headings.

typer's panels need rich and a Markdown parser, which take longer to import than a warm query takes to run.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from gbook.errors import UsageError

__all__ = ["App", "Command", "Group"]

# Wider help is hard to read; narrower terminals get narrower help.
MAX_WIDTH = 100
# Below these widths, the column of options is narrower, or each description is below its option.
NARROW, NARROWEST = 90, 54
NARROW_COLUMN = 22
# Compiled at the first use.
HEADING = r"(?m)^(?:Usage|Arguments|Options|Commands):"
RANGE = r"(?:default: \d+; )?\d*<?=?x[<>]=?\d+(?:<=\d+)?"
CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": MAX_WIDTH}


class _PlainHelp:
    """What commands and groups have in common."""

    epilog: str | None

    def get_help(self, ctx: Any) -> str:
        """Return the help; typer removes the style where the output is no terminal."""
        ctx.formatter_class = _formatter_class(ctx.formatter_class)
        # By itself, click makes no help narrower than 50 columns.
        ctx.terminal_width = max(min(shutil.get_terminal_size().columns, MAX_WIDTH) - 2, 20)
        text: str = super().get_help(ctx)  # type: ignore[misc]  # of the command or group
        return re.sub(HEADING, lambda match: typer.style(match[0], bold=True), text)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write the epilog without wrapping it: it is an example to copy."""
        if self.epilog:
            formatter.write(f"\n  {self.epilog}\n")


def _formatter_class(base: Any) -> Any:
    """Return a class of click's formatters that keeps descriptions readable on narrow terminals."""

    class Formatter(base):  # type: ignore[misc]  # chosen at run time: click's module is private
        def write_dl(self, rows: Any, col_max: int = 30, col_spacing: int = 2) -> None:
            if self.width < NARROW:
                col_max = 0 if self.width < NARROWEST else NARROW_COLUMN
            shown = [(first, re.sub(rf"  \[{RANGE}\]$", "", second)) for first, second in rows]
            super().write_dl(shown, col_max, col_spacing)

    return Formatter


class Command(_PlainHelp, TyperCommand):
    """A command with plain help, whose options have values that are not empty."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the arguments. Raises UsageError for an option whose value is empty."""
        # Parsing takes the words from the list.
        has_empty = any(not word or word.endswith("=") for word in args) and not ctx.resilient_parsing
        rest: list[str] = super().parse_args(ctx, args)
        if has_empty:
            from gbook.cli.usage_errors import refuse_empty

            refuse_empty(self, ctx.params)
        return rest


class Group(_PlainHelp, TyperGroup):
    """A group of commands with plain help, in which no summary of a command is cut."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parse the arguments; without any, print the help and raise Exit with the code of a usage error."""
        if not args and not ctx.resilient_parsing:
            typer.echo(self.get_help(ctx))
            raise typer.Exit(UsageError.exit_code)
        rest: list[str] = super().parse_args(ctx, args)
        return rest

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command of the arguments. Raises UsageError for an unknown one."""
        commands = self.list_commands(ctx)
        if args and not args[0].startswith("-") and args[0] not in commands:
            from gbook.cli.usage_errors import no_command

            raise UsageError(no_command(ctx.command_path, args[0], commands))
        return super().resolve_command(ctx, args)

    def summaries(self, ctx: Any) -> list[tuple[str, str]]:
        """Return the names and summaries of the commands."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        return [(name, command.get_short_help_str(limit=MAX_WIDTH)) for name, command in commands if command]

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the summaries."""
        with formatter.section("Commands"):
            formatter.write_dl(self.summaries(ctx))


class App(typer.Typer):
    """A typer application whose help is plain. Only that of all commands offers to install completion."""

    def __init__(self, *, cls: type[Group] = Group, add_completion: bool = False, **settings: Any) -> None:
        super().__init__(
            cls=cls,
            add_completion=add_completion,
            rich_markup_mode=None,
            pretty_exceptions_enable=False,
            context_settings=CONTEXT,
            **settings,
        )

    def command(  # type: ignore[override]  # the settings that gbook uses
        self, name: str | None = None, *, epilog: str | None = None
    ) -> Callable[[Callable[..., None]], Callable[..., None]]:
        """Register a function as a command."""
        return super().command(name, cls=Command, epilog=epilog, context_settings=CONTEXT)
