"""The command line: one module a command, imported only when the command is used.

A command parses its options, calls one function and renders the result. It uses the public API as
`gbook.book(…)`, whose modules are imported when they are used: --help and completion import no work. Only
this module turns errors into exit codes.
"""

import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Annotated, Any

import typer

from gbook.cli.help import App, Group
from gbook.cli.parsing import globals_first
from gbook.committed import recording
from gbook.errors import GbookError, Interrupted, UsageError

__all__ = ["app", "run"]

# The exit code of a run that Ctrl-C has ended: 128 + SIGINT.
INTERRUPTED = Interrupted.exit_code

# The commands in the order of --help: their summaries, so that --help imports none of them.
COMMANDS = {
    "init": "Create a workspace: gbook.yaml, profiles/ and calendars/.",
    "account": "Manage accounts: people and rooms, and their calendars.",
    "calendar": "List calendars, and read those on servers again.",
    "profile": "Manage booking profiles: what kind of meeting, when, with whom.",
    "availability": "Show when the members of a profile can meet.",
    "why": "Explain why a time can or cannot be booked.",
    "busy": "Show when accounts are busy, as bars, without event titles.",
    "agenda": "Show what is in the calendars, today or for a week; private titles are hidden.",
    "book": "Book a slot for a guest.",
    "propose": "Reserve several slots, all or none; confirming one drops the others.",
    "booking": "List, show, move and cancel bookings.",
    "reservation": "List, confirm, move and drop reservations.",
    "client": "Manage the clients of the HTTP API, and the tokens of accounts.",
    "profiles-for": "Show which profiles have a slot within a time range.",
    "serve": "Serve the HTTP API of the workspace.",
    "check": "Find mistakes in gbook.yaml, profiles and calendars (exit 5 if there are errors).",
    "help": "Show the help of a command.",
}


# Both may name a shell: `--show-completion zsh`.
COMPLETION_OPTIONS = ("--install-completion", "--show-completion")


class LazyGroup(Group):
    """A group that imports the module of a command when the command is used."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"gbook.cli.commands.{cmd_name.replace('-', '_')}")
        command = typer.main.get_command(module.app)
        command.name = cmd_name
        return command

    def summaries(self, ctx: Any) -> list[tuple[str, str]]:
        return list(COMMANDS.items())

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] in COMPLETION_OPTIONS:
            from gbook.cli.options.shells import set_up

            typer.echo(set_up("gbook", args[1:], install=args[0] == COMPLETION_OPTIONS[0]))
            raise typer.Exit
        return super().parse_args(ctx, args)


app = App(
    cls=LazyGroup,
    add_completion=True,
    help="Group booking from the terminal, over calendars in files and on servers.",
    epilog="To begin: gbook init --demo team",
)


def _print_version(is_given: bool) -> None:
    if is_given:
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
            help="Folder of gbook.yaml. (default: $GBOOK_WORKSPACE, or this folder or one above it)",
        ),
    ] = None,
    no_index: Annotated[
        bool, typer.Option("--no-index", help="Read every calendar again, and store nothing in the index.")
    ] = False,
    offline: Annotated[
        str | None,
        typer.Option(
            "--offline",
            metavar="[AGE]",
            help="Ask no server: calendars on servers are as they were last read, up to AGE ago (such as "
            "--offline=2d).",
        ),
    ] = None,
    timeout: Annotated[
        float | None,
        typer.Option(
            "--timeout",
            metavar="SECONDS",
            min=0.1,
            max=3600,
            help="Longest wait for servers; in a booking, for each step. (default: 10)",
        ),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    from gbook.cli.options.asking import AskingOptions
    from gbook.cli.session import Session

    asking = AskingOptions(offline, timeout)
    ctx.obj = ctx.with_resource(Session(workspace, use_index=not no_index, asking=asking))


def run(arguments: Sequence[str]) -> int:
    """Run a command line and return its exit code. Every error ends here.

    An error after a committed change is a warning that names the change, with exit code 0.
    """
    if "_GBOOK_COMPLETE" in os.environ:
        from gbook.cli.options.completion import complete

        return complete(app)
    with recording() as changes:
        result = _run(arguments)
    if result == 0 and changes and _is_stdout_closed():
        result = _StreamFailed("stdout is closed")
    if isinstance(result, int):
        return result
    from gbook.cli.session import report, report_after

    as_json = "--json" in arguments
    if changes:
        report_after(result, changes, as_json=as_json and not isinstance(result, _StreamFailed))
        return 0
    if isinstance(result, _ReaderLeft):
        return 0
    report(result, as_json=as_json)
    return result.exit_code


class _StreamFailed(GbookError):
    """An error of the system without a file name: it came from writing to a stream."""


class _ReaderLeft(_StreamFailed):
    """The reader of stdout has closed it; no more output is possible."""


def _is_stdout_closed() -> bool:
    """Return whether stdout was closed at the start: `main` has opened it on the null device."""
    return getattr(sys.stdout, "name", None) == os.devnull


def _run(arguments: Sequence[str]) -> int | GbookError:
    """Run a command line; return its exit code, or the error that ended it."""
    try:
        code = app(args=globals_first(arguments), prog_name="gbook", standalone_mode=False)
        sys.stdout.flush()
    except (Exception, KeyboardInterrupt, SystemExit) as error:
        return next(handle(error) for kinds, handle in _HANDLERS if isinstance(error, kinds))
    if code == INTERRUPTED:  # typer has caught KeyboardInterrupt itself
        return _interrupted(None)
    return code if isinstance(code, int) else 0


def _reader_left(error: BaseException) -> GbookError:
    """Close stdout, so that the interpreter does not write to it at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return _ReaderLeft("stdout: broken pipe")


def _interrupted(error: BaseException | None) -> GbookError:
    return Interrupted("interrupted; no file was left half-written")


def _translate(error: Any) -> GbookError:
    """Return a wrong command line or a bug as an error with one line."""
    if os.environ.get("GBOOK_DEBUG") == "1":
        raise error
    if hasattr(error, "format_message"):
        from gbook.cli.usage_errors import usage_message

        return UsageError(usage_message(error))
    return GbookError(f"a bug in gbook ({type(error).__name__}: {error}); GBOOK_DEBUG=1 shows where")


def _system_error(error: Any) -> int | GbookError:
    if os.environ.get("GBOOK_DEBUG") == "1":
        raise error
    if not error.strerror:
        return _translate(error)
    return (
        GbookError(f"{error.filename}: {error.strerror}") if error.filename else _StreamFailed(error.strerror)
    )


def _out_of_memory(error: BaseException) -> GbookError:
    if os.environ.get("GBOOK_DEBUG") == "1":
        raise error
    return GbookError("not enough memory")


# What a command may raise, and the exit code or error that it becomes; the first match counts.
_HANDLERS: tuple[tuple[Any, Callable[[Any], int | GbookError]], ...] = (
    ((BrokenPipeError, SystemExit), _reader_left),  # rich raises SystemExit for a broken pipe
    ((KeyboardInterrupt, typer.Abort), _interrupted),
    (typer.Exit, lambda error: int(error.exit_code)),
    (GbookError, lambda error: error),
    (MemoryError, _out_of_memory),
    (OSError, _system_error),
    (Exception, _translate),
)
