"""The removal of an account or a profile, and the bookings that remain in the calendars after it."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from gbook.bookings.record import Copy, Record
from gbook.bookings.records import read_records
from gbook.errors import Warn
from gbook.scheduling.zones import shared_zone
from gbook.timeutil.format import slot_value, zoned_moment
from gbook.workspace.calendar_ref import is_address
from gbook.workspace.workspace import Workspace

__all__ = ["Removal", "affected_bookings"]


class Removal(NamedTuple):
    """A removal: of accounts from one profile or all, of a whole profile, or of calendars of an account."""

    profile: str | None = None
    accounts: Collection[str] = ()
    calendars: Collection[str] = ()

    def concerns(self, record: Record) -> bool:
        """Return whether the removal affects a booking."""
        if self.profile not in (None, record.profile):
            return False
        if self.calendars:
            return any(self.holds(copy) for copy in record.copies)
        return not self.accounts or not set(self.accounts).isdisjoint(record.accounts)

    def holds(self, copy: Copy) -> bool:
        """Return whether a copy of a booking is in a calendar that is removed."""
        return copy.account.id in self.accounts and (not self.calendars or copy.shown in self.calendars)


def affected_bookings(workspace: Workspace, removal: Removal, now: int, remedy: str) -> list[Warn]:
    """Return a warning for each booking and reservation after `now` that the removal affects.

    `remedy` says what to do about it; `{noun}`, `{id}`, `{start}` and `{changed}` (what can
    still be done with it) are filled in.
    """
    records, unread = read_records(workspace)
    to_come = (record for record in records if record.last_end > now and record.holds(now))
    warnings = [warning for warning in unread if _may_hold(workspace, removal, warning)]
    concerned = [record for record in to_come if removal.concerns(record)]
    return [*warnings, *(_warning(workspace, record, removal, remedy) for record in concerned)]


def _may_hold(workspace: Workspace, removal: Removal, unread: Warn) -> bool:
    """Return whether an unreadable calendar may hold such bookings; a missing one holds none."""
    concerned = not removal.accounts or unread.account_id in removal.accounts
    path = unread.path
    return concerned and (path is None or is_address(path) or workspace.calendar_path(path).exists())


def _warning(workspace: Workspace, record: Record, removal: Removal, remedy: str) -> Warn:
    copy = next((copy for copy in record.copies if removal.holds(copy)), record.copies[0])
    zone = shared_zone(workspace, [record.profile])
    noun = "reservation" if record.is_reservation else "booking"
    start, people = zoned_moment(record.start, zone), ", ".join(record.accounts)
    message = f"{noun} {record.uid} on {start} with {people} remains"
    changed = "confirmed, moved and dropped" if record.is_reservation else "moved and cancelled"
    advice = remedy.format(noun=noun, id=record.uid, start=slot_value(record.start, zone), changed=changed)
    return Warn("booking_remains", f"{message}; {advice}", copy.account.id, copy.shown)
