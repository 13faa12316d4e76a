"""`gbook agenda`: what is in the calendars, with titles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from gbook import read_agenda
from gbook.cli.help import App
from gbook.cli.options import completion
from gbook.cli.options.option_groups import with_option_groups
from gbook.cli.options.output import Items, OutputOptions, emit_items
from gbook.cli.options.windows import Length, from_option, read_days, to_option
from gbook.cli.options.zones import typed_zone, zone_option
from gbook.cli.session import Session
from gbook.render.agenda import agenda_document, show_agenda

if TYPE_CHECKING:
    from gbook.render.lines import Keys

__all__ = ["app"]

app = App()


@app.command(epilog="Example: gbook agenda alice bob --for 1w")
@with_option_groups
def agenda(
    ctx: typer.Context,
    *,
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
    output: OutputOptions,
) -> None:
    """Show what is in the calendars, today or for a week; private titles are hidden."""
    session: Session = ctx.obj
    workspace = session.workspace
    zone = typed_zone(tz) if tz else workspace.zone
    window = read_days(start, end, length, zone, session.now, default=1)
    accounts = [workspace.account(name) for name in dict.fromkeys(account or workspace.accounts)]
    answer = read_agenda(workspace, accounts, zone, window, session.now, session.progress())
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
