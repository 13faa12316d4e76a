"""What a team has today: its bookings, and the reservations that wait for it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple

import gbook
from gbook.engine.intervals import Interval
from gbook.errors import UNREAD, Warn
from gbook.service.call import Call
from gbook.service.operations.guest_requests import awaits_mail
from gbook.service.page.views.bookings import profile_of_record
from gbook.text import one_line
from gbook.timeutil.instants import at_midnight, local

__all__ = ["Meeting", "TeamDay", "read_day"]

MOST_RESERVATIONS = 100
# The beginning of a UID that names a reservation in a command, if no other one begins so.
SHORT = 8


class Meeting(NamedTuple):
    """A booking or reservation; of a reservation also its end (an instant), and how the team confirms it."""

    title: str
    start: int
    end: int
    guest: str
    email: str
    host: str
    expires: int | None = None
    command: str = ""


class TeamDay(NamedTuple):
    """The bookings of today, the next one, and the accounts that cannot be read.

    `reservations` are those that wait for the team, `mailed` those that their guests confirm.
    """

    today: Sequence[Meeting]
    following: Meeting | None
    reservations: Sequence[Meeting]
    mailed: Sequence[Meeting]
    unread: Sequence[str]


def read_day(call: Call) -> TeamDay:
    """Return what the workspace has on this day of its zone. Raises as `read_records` does."""
    records, warnings = gbook.read_records(call.workspace, use_cache=True)
    zone = call.workspace.zone
    today = local(call.now, zone).date()
    begin, end = at_midnight(today, zone), at_midnight(today + timedelta(days=1), zone)
    booked = [(time, record) for record in records if _is_booked(record) for time in record.times]
    booked.sort(key=lambda pair: pair[0])
    known = _Names(call)
    waiting = [record for record in records if record.is_reservation and record.holds(call.now)]
    mailed = [record for record in waiting if awaits_mail(profile_of_record(call, record), record)]
    of_team = [record for record in waiting if record not in mailed]
    return TeamDay(
        today=[known.meeting(record, time) for time, record in booked if time[0] < end and time[1] > begin],
        following=next((known.meeting(record, time) for time, record in booked if time[0] >= end), None),
        reservations=[known.reservation(each, records) for each in of_team[:MOST_RESERVATIONS]],
        mailed=[known.held(each) for each in mailed[:MOST_RESERVATIONS]],
        unread=[*_unread(call, warnings)],
    )


def _is_booked(record: gbook.Record) -> bool:
    return record.status == "confirmed" and record.hold is None


def _unread(call: Call, warnings: Sequence[Warn]) -> Iterator[str]:
    """Yield the names of the accounts whose calendars could not be read, each once."""
    found = {warning.account_id for warning in warnings if warning.code in UNREAD}
    for account in call.workspace.config.accounts:
        if account.id in found:
            yield account.name or account.id


class _Names:
    """The names of profiles and accounts in place of their ids."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._titles: dict[str, str] = {}

    def meeting(self, record: gbook.Record, time: Interval) -> Meeting:
        account = self._call.workspace.accounts.get(record.host)
        return Meeting(
            title=self._title(record),
            start=time[0],
            end=time[1],
            guest=one_line(record.guest.name or ""),
            email=record.guest.email or "",
            host=account.name or account.id if account else record.host,
        )

    def held(self, record: gbook.Record) -> Meeting:
        return self.meeting(record, (record.start, record.end))._replace(expires=record.expires)

    def reservation(self, record: gbook.Record, others: Sequence[gbook.Record]) -> Meeting:
        short = record.uid[:SHORT]
        is_unique = sum(other.uid.startswith(short) for other in others) == 1
        is_mailed = self._call.workspace.config.mail is not None
        command = _confirm_command(record, short if is_unique else record.uid, is_mailed=is_mailed)
        return self.held(record)._replace(command=command)

    def _title(self, record: gbook.Record) -> str:
        name = record.profile
        if name not in self._titles:
            profile = profile_of_record(self._call, record)
            self._titles[name] = name if profile is None else profile.display_name
        return self._titles[name] or one_line(record.subject)


def _confirm_command(record: gbook.Record, uid: str, *, is_mailed: bool) -> str:
    """Return the command that turns a reservation into a booking, with … for what it still needs.

    With `is_mailed` the guest hears of it, as the page of the request has promised.
    """
    options = []
    if not record.guest.email:
        options += ["--name …", "--email …"]
    options += [f"--field {shlex.quote(field)}=…" for field in record.needs]
    options += ["--mail"] if is_mailed else []
    return " ".join(["gbook reservation confirm", shlex.quote(uid), *options])
