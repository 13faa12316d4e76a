"""`gbook busy`: when accounts are busy, without event titles."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from gbook import Exemptions, load_accounts
from gbook.cli.help import App
from gbook.cli.options import completion
from gbook.cli.options.output import Json
from gbook.cli.options.windows import check_order, from_option, read_bounds, to_option
from gbook.cli.options.zones import typed_zone, zone_option
from gbook.cli.session import Session
from gbook.engine.intervals import Interval
from gbook.errors import UsageError
from gbook.render.freebusy import busy_document, freebusy_calendar
from gbook.timeutil.instants import at_midnight, local
from gbook.timeutil.periods import Period

if TYPE_CHECKING:
    from gbook.render.console import Console

__all__ = ["app"]

app = App()

# The length of the window without --to.
DEFAULT_LENGTH = Period(months=0, days=7)


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
    window = _window(start, end, zone, session.now)
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


def _window(start: str | None, end: str | None, zone: ZoneInfo, now: int) -> Interval:
    """Return the window of --from and --to; by default seven days from midnight on. Raises UsageError."""
    low, high = read_bounds(start, end, zone, now)
    if low is None:
        low = at_midnight(local(now, zone).date(), zone)
    if high is None:
        high = DEFAULT_LENGTH.after(low, zone)
    check_order(low, high)
    return low, high
