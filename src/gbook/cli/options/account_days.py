"""The options that say whose calendars are shown, and for which days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import msgspec
import typer

from gbook.cli.options import completion
from gbook.cli.options.windows import Length, from_option, read_days, to_option
from gbook.cli.options.zones import typed_zone, zone_option
from gbook.errors import UsageError
from gbook.timeutil.format import count
from gbook.timeutil.periods import Period

if TYPE_CHECKING:
    from gbook.cli.session import Session
    from gbook.engine.intervals import Interval
    from gbook.workspace.config import Account

__all__ = ["AccountDays"]


class AccountDays(msgspec.Struct, kw_only=True):
    """Accounts, and a window that begins today unless another time is named."""

    account: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ACCOUNT]...",
            help="Accounts. (default: all)",
            autocompletion=completion.every_account,
        ),
    ] = None
    start: Annotated[str | None, from_option("today")] = None
    end: Annotated[str | None, to_option()] = None
    length: Length = None
    tz: Annotated[str | None, zone_option("the workspace's")] = None

    def accounts(self, session: Session) -> list[Account]:
        """Return the accounts named, or all of them. Raises NotFound."""
        workspace = session.workspace
        return [workspace.account(name) for name in dict.fromkeys(self.account or workspace.accounts)]

    def zone(self, session: Session) -> ZoneInfo:
        """Return the zone of --tz, else the workspace's. Raises UsageError."""
        return typed_zone(self.tz) if self.tz else session.workspace.zone

    def window(self, session: Session, default: int, years: int) -> Interval:
        """Return the window as instants; without --to and --for, it is `default` days long.

        Raises UsageError, also for a window of more than `years`, which would take too long to read.
        """
        zone = self.zone(session)
        low, high = read_days(self.start, self.end, self.length, zone, session.now, default)
        if high > Period(months=12 * years, days=0).after(low, zone):
            option = "--for" if self.length else "--to"
            raise UsageError(
                f"{option}: the window is longer than {count(years, 'year')}, the longest allowed"
            )
        return low, high
