"""The shared context of all booking operations."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from gbook.calendars.stores.base import Item, Store
from gbook.calendars.stores.file import FileStore
from gbook.errors import InvalidFile, Warn
from gbook.scheduling.availability import Answer, Query, ask
from gbook.scheduling.zones import shared_zone
from gbook.timeutil.format import zoned_moment
from gbook.workspace.config import Account
from gbook.workspace.workspace import Workspace

__all__ = ["BookingContext"]


def _new_uid() -> str:
    return f"{uuid.uuid4()}@gbook"


@dataclass(frozen=True)
class BookingContext:
    """The workspace, the current instant, and the source of new UIDs."""

    workspace: Workspace
    now: int
    new_uid: Callable[[], str] = _new_uid
    # Collects the warnings of every question and write; the command shows them at its end.
    collected_warnings: list[Warn] = field(default_factory=list)
    # The zone of the times in messages; None: that of the profile.
    zone: ZoneInfo | None = None

    def ask(self, query: Query) -> Answer:
        """Answer a query as listing does, and collect its warnings."""
        answer = ask(self.workspace, query)
        self.collected_warnings.extend(answer.warnings)
        return answer

    def moment(self, instant: int, profile: str) -> str:
        """Return an instant as messages show it, in `zone`, or else in the zone of a profile."""
        return zoned_moment(instant, self.zone or shared_zone(self.workspace, [profile]))

    def links(self, uid: str) -> dict[str, str]:
        """Return the values of {{rescheduleToken}} and {{manageUrl}} for a booking.

        Raises InvalidFile, GbookError.
        """
        from gbook.workspace.tokens import RescheduleTokens

        return RescheduleTokens(self.workspace).links(uid)

    def primary(self, account: Account) -> Store:
        """Return the calendar that an account's bookings go to. Raises InvalidFile if there is none."""
        reference = account.primary
        if reference is None or not account.is_writable:
            message = f"account {account.id} has {_unwritable(account)}: nothing can be booked in it"
            raise InvalidFile(str(self.workspace.config_path), [message])
        return self.workspace.store(reference)

    def resource(self, account: Account, uid: str) -> Item:
        """Return the resource of an account's primary calendar that holds, or would hold, an event."""
        calendar = self.primary(account)
        return Item(calendar, calendar.name_for(uid))

    def locks(self, accounts: Iterable[Account]) -> list[Store]:
        """Return what to lock before the time of accounts is taken: their calendars.

        If an account's calendar is not writable, the whole workspace is locked instead.
        """
        return [
            self.primary(account) if account.is_writable else FileStore(self.workspace.config_path)
            for account in accounts
        ]

    def shown(self, account: Account) -> str:
        """Return the path of the primary calendar as written in gbook.yaml."""
        return account.primary.shown if account.primary else ""


def _unwritable(account: Account) -> str:
    """Return what an account has instead of a writable primary calendar."""
    if account.primary is None:
        return "no calendar"
    if account.is_invited_by_mail:
        return "`deliver: mail`"
    return f"the readonly calendar {account.primary.shown} as its first"
