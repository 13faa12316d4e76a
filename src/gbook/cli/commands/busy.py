"""`gbook busy`: when accounts are busy, without event titles."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from gbook import Exemptions, load_accounts
from gbook.cli.help import App
from gbook.cli.options import completion
from gbook.cli.options.output import Json
from gbook.cli.options.windows import Length, from_option, read_days, to_option
from gbook.cli.options.zones import typed_zone, zone_option
from gbook.cli.session import Session
from gbook.errors import UsageError
from gbook.render.freebusy import busy_document, freebusy_calendar

if TYPE_CHECKING:
    from gbook.render.console import Console

__all__ = ["app"]

app = App()

# The days of the window without --to and --for.
DEFAULT_DAYS = 7


@app.command(epilog="Example: gbook busy alice bob --from today --to +4d")
def busy(
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
    end: Annotated[str | None, to_option("7 days")] = None,
    length: Length = None,
    tz: Annotated[str | None, zone_option("the workspace's")] = None,
    as_ics: Annotated[bool, typer.Option("--ics", help="Write a free/busy calendar to publish.")] = False,
    as_json: Json = False,
) -> None:
    """Show when accounts are busy, as bars, without event titles."""
    if as_ics and as_json:
        raise UsageError("--ics and --json cannot both be given")
    session: Session = ctx.obj
    workspace = session.workspace
    zone = typed_zone(tz) if tz else workspace.zone
    window = read_days(start, end, length, zone, session.now, DEFAULT_DAYS)
    accounts = [workspace.account(name) for name in dict.fromkeys(account or workspace.accounts)]
    times = load_accounts(workspace, accounts, zone, window, Exemptions(session.now), session.progress())
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
