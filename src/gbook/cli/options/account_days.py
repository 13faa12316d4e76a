"""The options that say whose calendars are shown, and for which days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import msgspec
import typer

from gbook.cli.options import completion
from gbook.cli.options.windows import Length, from_option, read_days, to_option
from gbook.cli.options.zones import typed_zone, zone_option

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

    def window(self, session: Session, default: int) -> Interval:
        """Return the window as instants; without --to and --for, it is `default` days long.

        Raises UsageError.
        """
        return read_days(self.start, self.end, self.length, self.zone(session), session.now, default)
