"""`gbook calendar`: the calendars of all accounts, and reading those on servers again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from gbook.cli.help import App
from gbook.cli.options import completion
from gbook.cli.options.option_groups import with_option_groups
from gbook.cli.options.output import Json, OutputOptions, PageOptions, Records, emit_records
from gbook.errors import UsageError
from gbook.render.calendars import calendar_document, calendar_keys, show_calendars

if TYPE_CHECKING:
    from gbook.cli.session import Session

__all__ = ["app"]

app = App(
    help="List calendars, and read those on servers again.",
    epilog="Example: gbook calendar list",
)

Accounts = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="ACCOUNT...", help="Only of these accounts.", autocompletion=completion.every_account
    ),
]


@app.command("list", epilog="Example: gbook calendar list --json")
@with_option_groups
def list_calendars(
    ctx: typer.Context, accounts: Accounts = None, *, page: PageOptions, output: OutputOptions
) -> None:
    """List calendars: where they are, and when their servers confirmed them. No server is asked."""
    from gbook.accounts.calendar_states import calendar_states

    session: Session = ctx.obj
    states = [state for state, _ in calendar_states(session.workspace, accounts or ())]
    listed = Records(
        states,
        lambda state: calendar_document(state, session.now),
        lambda: calendar_keys(session.now),
        lambda console, shown: show_calendars(console, shown, session.now),
    )
    emit_records(session, output, page, listed)


@app.command(epilog="Example: gbook calendar refresh alice --accept")
def refresh(
    ctx: typer.Context,
    accounts: Accounts = None,
    *,
    accept: Annotated[
        bool, typer.Option("--accept", help="Believe a server that says that most of a calendar is gone.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Read calendars on servers now, also feeds that were read a moment ago.

    The exit code is that of the first calendar that cannot be read.
    """
    from gbook.accounts.calendar_states import refresh_calendars
    from gbook.render.listing import listing

    session: Session = ctx.obj
    if session.asking_options.offline is not None:
        raise UsageError("calendar refresh asks servers: leave out --offline")
    session.asking_options = session.asking_options._replace(at_once=True, accept=accept)
    refreshed = refresh_calendars(session.workspace, accounts or ())
    states = [state for state, _ in refreshed]
    session.emit(
        lambda: listing([calendar_document(state, session.now) for state in states]),
        as_json=as_json,
        show=lambda console: show_calendars(console, states, session.now),
    )
    if failed := [error for _, error in refreshed if error]:
        raise typer.Exit(failed[0].exit_code)
