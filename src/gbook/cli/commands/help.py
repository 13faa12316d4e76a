"""`gbook help`: the help of a command, as its option --help shows it."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from gbook.cli.help import App
from gbook.cli.options import completion
from gbook.cli.usage_errors import no_command
from gbook.errors import UsageError

__all__ = ["app"]

app = App()


@app.command("help", epilog="Example: gbook help booking list")
def show_help(
    ctx: typer.Context,
    command: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[COMMAND]...",
            help="A command, such as booking list.",
            autocompletion=completion.commands,
        ),
    ] = None,
) -> None:
    """Show the help of a command."""
    context: Any = ctx.find_root()
    for name in command or ():
        context = _inner(context, name)
    typer.echo(context.command.get_help(context))


def _inner(context: Any, name: str) -> Any:
    """Return the context of a command of a group. Raises UsageError."""
    list_commands = getattr(context.command, "list_commands", None)
    names = list_commands(context) if list_commands else []
    if name not in names:
        raise UsageError(no_command(context.command_path, name, names))
    command = context.command.get_command(context, name)
    return type(context)(command, parent=context, info_name=name)
