"""`gbook busy`: when accounts are busy, without what with."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from gbook.cli.options import completion
from gbook.cli.options.common import Json, typed_zone
from gbook.cli.options.dates import typed_end, typed_start
from gbook.cli.session import Session
from gbook.engine.intervals import Interval
from gbook.errors import UsageError
from gbook.render.freebusy import busy_document, freebusy_calendar
from gbook.scheduling.account_time import load_accounts
from gbook.timeutil.instants import Period, at_midnight, local

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["app"]

app = typer.Typer(add_completion=False)

# How long from --from on, where --to is not given.
DEFAULT_LENGTH = Period(months=0, days=7)


@app.command(epilog="Example: gbook busy alice bob --from 2026-11-23 --to 2026-11-27")
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
    start: Annotated[
        str | None, typer.Option("--from", metavar="DATE|TIME", help="First date or time. (default: today)")
    ] = None,
    end: Annotated[
        str | None,
        typer.Option("--to", metavar="DATE|TIME", help="Last date (whole) or time. (default: 7 days)"),
    ] = None,
    tz: Annotated[
        str | None,
        typer.Option(
            "--tz",
            metavar="ZONE",
            help="Zone of times, shown and typed. (default: the workspace's)",
            autocompletion=completion.zones,
        ),
    ] = None,
    as_ics: Annotated[bool, typer.Option("--ics", help="A free/busy calendar to publish.")] = False,
    as_json: Json = False,
) -> None:
    """Show when accounts are busy, as bars; nobody's subjects are shown."""
    if as_ics and as_json:
        raise UsageError("--ics and --json cannot both be given")
    session: Session = ctx.obj
    workspace = session.workspace
    zone = typed_zone(tz) if tz else workspace.zone
    window = _window(start, end, zone, session.now)
    accounts = [workspace.account(name) for name in dict.fromkeys(account or workspace.accounts)]
    times = load_accounts(workspace, accounts, zone, window, now=session.now, progress=session.progress())
    session.warn(warning for time in times.values() for warning in time.warnings)
    if as_ics:
        sys.stdout.buffer.write(freebusy_calendar(times, window, session.now))
        return

    def show(console: Console) -> None:
        from gbook.render.busy_bars import show_busy

        if times:
            show_busy(console, times, window, zone)
        else:
            console.print("No accounts. Next: gbook account add ID --email E --create")

    session.emit(lambda: busy_document(times, window), as_json=as_json, show=show)


def _window(start: str | None, end: str | None, zone: ZoneInfo, now: int) -> Interval:
    """From today's midnight on, seven days; or what was typed. Raises UsageError."""
    low = typed_start(start, zone, now) if start else at_midnight(local(now, zone).date(), zone)
    high = typed_end(end, zone, now) if end else DEFAULT_LENGTH.after(low, zone)
    if high <= low:
        raise UsageError("--to lies before --from")
    return low, high
