"""The command line: one module a noun, each imported only when it is asked for.

A command parses its options, calls one function, renders. Errors are translated here and nowhere else.
"""

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from gbook.cli.parsing import globals_first
from gbook.committed import recording
from gbook.errors import GbookError, Interrupted, UsageError, did_you_mean

__all__ = ["app", "run"]

# The commands in the order of --help: the module that holds each, where it has not the command's name.
COMMANDS = {
    "init": "init",
    "account": "account",
    "profile": "profile",
    "availability": "availability",
    "why": "why",
    "busy": "busy",
    "book": "book",
    "propose": "propose",
    "booking": "booking",
    "reservation": "reservation",
    "profiles-for": "profiles_for",
    "check": "check",
}


class LazyGroup(TyperGroup):
    """A group that imports a command's module when the command is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        command = typer.main.get_command(import_module(f"gbook.cli.commands.{COMMANDS[cmd_name]}").app)
        command.name = cmd_name
        return command

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            raise UsageError(f"no command {args[0]!r}{did_you_mean(args[0], COMMANDS)}; see gbook --help")
        return super().resolve_command(ctx, args)


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Group booking from the terminal, over calendars that are files.",
    epilog="Begin with: gbook init --demo team",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from gbook import __version__

        typer.echo(f"gbook {__version__}")
        raise typer.Exit


@app.callback()
def main(
    ctx: typer.Context,
    workspace: Annotated[
        str | None,
        typer.Option(
            "--workspace",
            metavar="DIR",
            help="Folder of gbook.yaml. (default: $GBOOK_WORKSPACE, or upward from here)",
        ),
    ] = None,
    no_index: Annotated[
        bool, typer.Option("--no-index", help="Read every calendar anew; remember nothing.")
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    from gbook.cli.session import Session

    ctx.obj = ctx.with_resource(Session(workspace, use_index=not no_index))


def run(arguments: Sequence[str]) -> int:
    """Run a command line and return its exit code. Every error ends here.

    What fails after a change was committed is a warning that says what was changed, with exit code 0.
    """
    if "_GBOOK_COMPLETE" in os.environ:
        from gbook.cli.options.completion import complete

        return complete(app)
    with recording() as changes:
        ended = _run(arguments)
    if isinstance(ended, int):
        return ended
    from gbook.cli.session import report, report_after

    as_json = "--json" in arguments
    if changes:
        report_after(ended, changes, as_json=as_json and not isinstance(ended, _StreamFailed))
        return 0
    if isinstance(ended, _ReaderLeft):
        return 0
    report(ended, as_json=as_json)
    return ended.exit_code


class _StreamFailed(GbookError):
    """An error of the system that names no file: it came from writing to a stream."""


class _ReaderLeft(_StreamFailed):
    """The reader of stdout has seen enough; nothing more can be said to it."""


def _run(arguments: Sequence[str]) -> int | GbookError:
    """Run a command line; give its exit code, or what stopped it."""
    try:
        code = app(args=globals_first(arguments), prog_name="gbook", standalone_mode=False)
        if code == Interrupted.exit_code:
            raise KeyboardInterrupt  # which typer has kept to itself
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except (BrokenPipeError, SystemExit):  # rich leaves by SystemExit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _ReaderLeft("stdout: broken pipe")
    except (KeyboardInterrupt, typer.Abort):
        return Interrupted("interrupted; nothing is half written")
    except typer.Exit as leave:
        return leave.exit_code
    except GbookError as raised:
        return raised
    except Exception as raised:
        if (say := getattr(raised, "format_message", None)) and not say():
            return UsageError.exit_code  # a command alone: typer has shown its help
        return _translate(raised)


def _translate(raised: Exception) -> GbookError:
    """A wrong command line, a fault of the machine, or a bug: each as one line."""
    if os.environ.get("GBOOK_DEBUG") == "1":
        raise raised
    if callable(format_message := getattr(raised, "format_message", None)):
        context = getattr(raised, "ctx", None)
        see = f"; see {context.command_path} --help" if context else ""
        return UsageError(f"{format_message().rstrip('.?')}{see}")
    if isinstance(raised, MemoryError):
        return GbookError("not enough memory")
    if isinstance(raised, OSError) and raised.strerror:
        if not raised.filename:
            return _StreamFailed(raised.strerror)
        return GbookError(f"{raised.filename}: {raised.strerror}")
    return GbookError(f"a bug in gbook ({type(raised).__name__}: {raised}); GBOOK_DEBUG=1 shows where")
