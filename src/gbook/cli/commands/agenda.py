"""`gbook agenda`: what is in the calendars, with titles."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import typer

import gbook
from gbook.cli.help import App
from gbook.cli.options.account_days import AccountDays
from gbook.cli.options.option_groups import with_option_groups
from gbook.cli.options.output import Items, OutputOptions, emit_items
from gbook.cli.session import Session
from gbook.render.agenda import agenda_document, show_agenda

if TYPE_CHECKING:
    from gbook.render.lines import Keys

__all__ = ["app"]

app = App()

# The longest window: thousands of events are printed in a few seconds.
MOST_YEARS = 2


@app.command(epilog="Example: gbook agenda alice bob --for 1w")
@with_option_groups
def agenda(
    ctx: typer.Context,
    *,
    days: AccountDays,
    output: OutputOptions,
) -> None:
    """Show what is in the calendars, today or for a week; private titles are hidden.

    The window has at most 2 years.
    """
    session: Session = ctx.obj
    zone, window = days.zone(session), days.window(session, 1, MOST_YEARS)
    accounts = days.accounts(session)
    answer = gbook.read_agenda(session.workspace, accounts, zone, window, session.now, session.progress())
    session.warn(answer.warnings)
    items = Items(
        document=lambda: agenda_document(answer),
        name="items",
        keys=lambda: _keys(zone),
        values=answer.items,
        show=lambda console: show_agenda(console, answer, session.now),
    )
    emit_items(session, output, items)


def _keys(zone: ZoneInfo) -> Keys:
    from gbook.render.lines import agenda_keys

    return agenda_keys(zone)
