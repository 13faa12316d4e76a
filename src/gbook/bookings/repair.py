"""Copies of one booking that differ or are missing, and their repair.

A calendar program moves, cancels or deletes only one copy. Until the copies are the same again, all accounts
are busy at the times of every version.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from gbook.bookings.attendees import address_of, with_parameters
from gbook.bookings.calendar_records import read_calendar
from gbook.bookings.context import BookingContext
from gbook.bookings.event import ASKED, event_bytes
from gbook.bookings.event_diff import bump_revision
from gbook.bookings.mail_members import mail_members
from gbook.bookings.record import Copy, Record
from gbook.bookings.revision import Plan, Revision, Rewrite, each, find_either
from gbook.calendars.ics.edit import rewrite, rewrite_properties
from gbook.calendars.ics.gbook_properties import ACCOUNTS, EXPIRES, GROUP, HOST, REPLIES_FROM
from gbook.calendars.ics.ownership import OwnEvent
from gbook.errors import NotFound, Warn
from gbook.scheduling.zones import shared_zone
from gbook.timeutil.format import day_range, zoned_moment
from gbook.timeutil.instants import local
from gbook.workspace.config import Account
from gbook.workspace.workspace import Workspace

if TYPE_CHECKING:
    from icalendar import Event

__all__ = ["brought_together", "differences", "repairing", "to_all_copies"]

# Properties that must be the same in every copy.
OWN = (HOST, ACCOUNTS, GROUP, EXPIRES)


def differences(workspace: Workspace, record: Record, now: int) -> list[Warn]:
    """Return a warning for each copy that differs from the record, and for each that is missing.

    A copy is not missing if its calendar cannot be read. A booking that is over at `now` (an instant) in
    every copy gives no warnings.
    """
    if all(version.last_end <= now for version in (record, *record.versions)):
        return []
    remedy = f"`gbook booking repair {record.uid}` makes all copies the same"
    warnings = []
    for version in record.versions:
        if changes := ", ".join(_differing(workspace, record, version)):
            copy = version.copies[0]
            message = f"booking {record.uid} {changes} in this calendar; {remedy}"
            warnings.append(Warn("copies_differ", message, copy.account.id, copy.shown))
    for account in _missing(workspace, record):
        if account.primary and read_calendar(workspace.store(account.primary), workspace.cache).fault:
            continue
        start = zoned_moment(record.start, shared_zone(workspace, [record.profile]))
        message = f"booking {record.uid} on {start} is not in this calendar; {remedy}"
        code = "copy_missing"
        if account.id == record.host:
            code = "host_missing"
            message = (
                f"booking {record.uid} on {start} is only in calendars of others: it was interrupted, or its "
                f"event here was deleted; {remedy}, `gbook booking cancel {record.uid} --remove` removes them"
            )
        shown = account.primary.shown if account.primary else None
        warnings.append(Warn(code, message, account.id, shown))
    return warnings


def _differing(workspace: Workspace, record: Record, version: Record) -> Iterator[str]:
    if version.status != record.status:
        yield f"is {version.status}, not {record.status},"
    if version.times != record.times:
        zone = shared_zone(workspace, [record.profile])
        is_on, not_on = (_days(each, record, zone) for each in (version, record))
        yield f"is on {is_on}, not on {not_on},"
    if list(version.accounts) != list(record.accounts):
        yield f"is with {' '.join(version.accounts)}, not with {' '.join(record.accounts)},"


def _days(version: Record, other: Record, zone: ZoneInfo) -> str:
    """Return the times of a version, of a series those in which it differs from `other`."""
    times = [time for time in version.times if time not in other.times] or version.times[:1]
    return " and ".join(day_range(*time, zone) for time in times[:3]) + (" and more" if times[3:] else "")


def _missing(workspace: Workspace, record: Record) -> list[Account]:
    """Return the accounts that lack a copy: of the participants, or of the host alone."""
    if record.status == "cancelled":
        return []
    names = [record.host] if workspace.config.deliver == "host" else record.accounts
    holders = {copy.account.id for copy in record.copies}
    calendars = {copy.calendar for copy in record.copies}
    accounts = [workspace.accounts[name] for name in names if name in workspace.accounts]
    return [
        account
        for account in accounts
        if account.id not in holders
        and account.is_writable
        # Accounts may share a calendar.
        and not (account.primary and workspace.store(account.primary) in calendars)
    ]


def repairing(context: BookingContext, record_id: str, source: str | None = None) -> Plan:
    """Return the plan that makes all copies of a booking the same as the host's, or as that of `source`.

    It raises NotFound if the account `source` has no copy. Availability is not checked: another program has
    already moved the meeting.
    """

    def plan() -> list[Revision]:
        record = find_either(context, record_id)
        truth = _version_of(record, source) if source else record
        return [brought_together(context, record, truth)]

    return plan


def _version_of(record: Record, account: str) -> Record:
    for version in record.versions:
        if version.copies[0].account.id == account:
            return version
    raise NotFound(f"account {account} has no copy of booking {record.uid}")


def brought_together(context: BookingContext, record: Record, truth: Record) -> Revision:
    """Return the revision that makes every copy the same as `truth`; it changes nothing if they all are."""
    versions = [version for version in record.versions if version.copies[0].is_writable]
    left = [version for version in versions if _has_left(version, truth)]
    kept = [version.copies[0] for version in versions if version not in left]
    added = [
        Copy(account, context.resource(account, record.uid), context.shown(account))
        for account in _missing(context.workspace, truth)
        if account.id not in {copy.account.id for copy in record.copies}
    ]
    items = {copy.item for copy in (*kept, *added)}
    rewrite = _aligned(context, record, truth) if left or added or not _agree(record, truth) else _as_it_is
    return Revision(
        record=record,
        rewrite=rewrite,
        kept=kept,
        added=added,
        removed=[version.copies[0] for version in left if version.copies[0].item not in items],
        accounts=[
            context.workspace.accounts[name] for name in truth.accounts if name in context.workspace.accounts
        ],
    )


def _has_left(version: Record, truth: Record) -> bool:
    """Return whether a copy belongs to an account that takes part only according to that copy."""
    account = version.copies[0].account.id
    return account in version.accounts and account not in truth.accounts


def _state(record: Record) -> tuple[str, list[tuple[int, int]], list[str]]:
    """Return what all copies of a booking must have in common."""
    return record.status, record.times, list(record.accounts)


def _agree(record: Record, truth: Record) -> bool:
    """Return whether all copies of an event have the time, accounts and status of `truth`."""
    return not any(
        version.sequence != record.sequence or _state(version) != _state(truth) for version in record.versions
    )


def _as_it_is(own: OwnEvent) -> OwnEvent:
    return own


def _aligned(context: BookingContext, record: Record, truth: Record) -> Rewrite:
    """Return a function that rewrites the event of a copy to agree with `truth`, with the next SEQUENCE.

    Texts, alarms and the attendees' answers stay, but members that are invited by mail are asked again if the
    time of a copy changes. A copy that names other accounts is replaced, and so is every copy of a series.
    """
    if record.series or truth.series:
        bump = bump_revision(record, context.now)
        series = [_without_alarms(event) for event in (truth.event, *truth.overrides)]
        first, *overrides = [rewrite_properties(component, bump) for component in series]
        return lambda _: OwnEvent(first, tuple(overrides))
    lines = {
        **bump_revision(record, context.now),
        "DTSTART": b"DTSTART:" + _stamp(truth.start),
        "DTEND": b"DTEND:" + _stamp(truth.end),
        "DURATION": None,
        "STATUS": b"STATUS:" + truth.status.upper().encode(),
        REPLIES_FROM: None,
    }
    event = truth.event
    own = {name: str(event.get(name, "")) for name in OWN}
    whole = _without_alarms(truth.event)
    asked = _asked_again(context.workspace, record, truth)

    def ask(line: bytes) -> bytes:
        return with_parameters(line, ASKED) if address_of(line) in asked else line

    def align(component: bytes) -> bytes:
        same = all(_value(component, name) == value for name, value in own.items())
        return rewrite(rewrite_properties(component if same else whole, lines), ask)

    return each(align)


def to_all_copies(context: BookingContext, record: Record, change: Rewrite) -> Rewrite:
    """Return the function that makes a change in each copy of a booking, and those that differ equal."""
    if _agree(record, record):
        return change
    align = _aligned(context, record, record)
    return lambda own: change(align(own))


def _asked_again(workspace: Workspace, record: Record, truth: Record) -> set[str]:
    """Return the addresses, in lower case, of members without a copy, if a copy has another time."""
    if all(version.times == truth.times for version in record.versions):
        return set()
    return {email.casefold() for email in mail_members(workspace, truth)}


def _without_alarms(event: Event) -> bytes:
    bare = event.copy()
    bare.subcomponents = []
    return event_bytes(bare)


def _value(component: bytes, name: str) -> str:
    from icalendar import Event

    return str(Event.from_ical(component).get(name, ""))


def _stamp(instant: int) -> bytes:
    return f"{local(instant, UTC):%Y%m%dT%H%M%SZ}".encode()
