"""`gbook busy`: when accounts are busy, without event titles."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

import gbook
from gbook.cli.help import App
from gbook.cli.options.account_days import AccountDays
from gbook.cli.options.option_groups import with_option_groups
from gbook.cli.options.output import Json
from gbook.cli.session import Session
from gbook.errors import UsageError
from gbook.render.freebusy import busy_document, freebusy_calendar

if TYPE_CHECKING:
    from gbook.render.console import Console

__all__ = ["app"]

app = App()

# The days of the window without --to and --for.
DEFAULT_DAYS = 7
# The longest window: it is read in a few seconds.
MOST_YEARS = 10


@app.command(epilog="Example: gbook busy alice bob --from today --to +4d")
@with_option_groups
def busy(
    ctx: typer.Context,
    *,
    days: AccountDays,
    as_ics: Annotated[bool, typer.Option("--ics", help="Write a free/busy calendar to publish.")] = False,
    as_json: Json = False,
) -> None:
    """Show when accounts are busy (by default for 7 days), as bars, without event titles.

    The window has at most 10 years.
    """
    if as_ics and as_json:
        raise UsageError("--ics and --json cannot both be given")
    session: Session = ctx.obj
    zone, window = days.zone(session), days.window(session, DEFAULT_DAYS, MOST_YEARS)
    accounts = days.accounts(session)
    exemptions = gbook.Exemptions(session.now)
    times = gbook.load_accounts(session.workspace, accounts, zone, window, exemptions, session.progress())
    session.warn(warning for time in times.values() for warning in time.warnings)
    if as_ics:
        sys.stdout.buffer.write(freebusy_calendar(times, window, session.now))
        return

    def show(console: Console) -> None:
        from gbook.render.busy_bars import show_busy

        if times:
            show_busy(console, times, window, zone)
        else:
            console.print_words("No accounts. Next: gbook account add ID --email E --create")

    session.emit(lambda: busy_document(times, window), as_json=as_json, show=show)
