"""`gbook agenda`: what is in the calendars, with titles."""

from __future__ import annotations

from typing import Annotated

import typer

from gbook import read_agenda
from gbook.cli.help import App
from gbook.cli.options import completion
from gbook.cli.options.output import Json
from gbook.cli.options.windows import Length, check_order, from_option, read_window, to_option
from gbook.cli.options.zones import typed_zone, zone_option
from gbook.cli.session import Session
from gbook.render.agenda import agenda_document, show_agenda
from gbook.timeutil.periods import Period

__all__ = ["app"]

app = App()

# The length of the window without --to and --for.
DEFAULT_LENGTH = Period(months=0, days=1)


@app.command(epilog="Example: gbook agenda alice bob --for 1w")
def agenda(
    ctx: typer.Context,
    account: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ACCOUNT]...",
            help="Accounts. (default: all)",
            autocompletion=completion.every_account,
        ),
    ] = None,
    start: Annotated[str | None, from_option("today")] = None,
    end: Annotated[str | None, to_option("one day")] = None,
    length: Length = None,
    tz: Annotated[str | None, zone_option("the workspace's")] = None,
    as_json: Json = False,
) -> None:
    """Show what is in the calendars, today or for a week; private titles are hidden."""
    session: Session = ctx.obj
    workspace = session.workspace
    zone = typed_zone(tz) if tz else workspace.zone
    low, high = read_window(start or "today", end, length, zone, session.now)
    assert low is not None
    window = low, DEFAULT_LENGTH.after(low, zone) if high is None else high
    check_order(*window)
    accounts = [workspace.account(name) for name in dict.fromkeys(account or workspace.accounts)]
    answer = read_agenda(workspace, accounts, zone, window, session.now, session.progress())
    session.warn(answer.warnings)
    session.emit(
        lambda: agenda_document(answer),
        as_json=as_json,
        show=lambda console: show_agenda(console, answer, session.now),
    )
