"""Bookings as they stand in the calendars: one record a UID, however many copies there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gbook.bookings.attendees import mailbox
from gbook.bookings.event import Guest
from gbook.bookings.unread import refuse_damaged
from gbook.calendars.commit.recovery import recover
from gbook.calendars.commit.transaction import Change
from gbook.calendars.ics.edit import Remove
from gbook.calendars.ics.gbook_properties import EXPIRES, PROFILE, read_properties
from gbook.calendars.ics.ownership import is_own
from gbook.calendars.ics.structure import read_structure
from gbook.calendars.stores.read_once import parse_once
from gbook.calendars.stores.vdir import list_items, read_bytes
from gbook.errors import GbookError, InvalidFile, Locked, NotFound, UsageError, Warn
from gbook.timeutil.instants import from_local
from gbook.workspace.config import Account, CalendarRef
from gbook.workspace.workspace import Workspace

if TYPE_CHECKING:
    from icalendar import Event, vCalAddress

__all__ = [
    "Copy",
    "Record",
    "expired_reservations",
    "find_record",
    "read_record",
    "read_records",
    "read_unfinished",
]

# What `read_record` raises for an event that another program, or a hand, has damaged.
DAMAGED = (KeyError, ValueError, AttributeError, TypeError)


class Copy(NamedTuple):
    """Where an event of gbook's stands: whose calendar, the calendar itself, the file in it."""

    account: Account
    calendar: Path
    file: Path
    shown: str

    @property
    def is_writable(self) -> bool:
        """Whether gbook may change it."""
        return not any(one.readonly for one in self.account.calendars if one.path == self.shown)


@dataclass(frozen=True, kw_only=True)
class Record:
    """A booking or reservation. `start`, `end` and `expires` are instants."""

    uid: str
    profile: str
    start: int
    end: int
    status: str
    sequence: int
    subject: str
    host: str
    group: str | None
    accounts: Sequence[str]
    guest: Guest
    partstat: str | None
    conference: str | None
    expires: int | None
    proposal: str | None
    # The start that was asked for with a key, wherever the booking has been moved since.
    asked: int | None
    # The start and end that the last change has taken it from.
    moved_from: tuple[int, int] | None
    # What the guest gave for the variables of the profile's texts.
    fields: Mapping[str, str]
    # The fields that a reservation still lacks.
    needs: Sequence[str]
    event: Event
    copies: Sequence[Copy] = ()
    # Whether a request with the same key has made it before.
    repeated: bool = False
    # What each copy says by itself, where there are several that were read.
    versions: Sequence[Record] = ()

    @property
    def is_reservation(self) -> bool:
        """Whether it only holds a slot, tentatively."""
        return self.expires is not None and self.status == "tentative"

    def holds(self, now: int) -> bool:
        """Whether it takes its time at `now`: not cancelled, not expired."""
        return self.status != "cancelled" and (self.expires is None or self.expires > now)


def read_record(event: Event, copies: Sequence[Copy] = ()) -> Record:
    """The record of an event of gbook's, its copies in the order of its accounts. Raises one of DAMAGED."""
    own, faults = read_properties(lambda name: _text(event, name))
    if faults:
        raise ValueError(faults[0])
    places = {account: place for place, account in enumerate(own.accounts)}
    attendee = _attendee(event, own.guest_email)
    name = own.guest_name if attendee is None else str(attendee.params.get("CN", ""))
    return Record(
        uid=str(event["UID"]),
        profile=own.profile,
        start=_instant(event, "DTSTART"),
        end=_end(event),
        status=str(event.get("STATUS", "CONFIRMED")).lower(),
        sequence=_sequence(event),
        subject=str(event.get("SUMMARY", "")),
        host=own.host,
        group=own.group,
        accounts=own.accounts,
        guest=Guest(name or None, own.guest_email, own.guest_zone),
        partstat=str(attendee.params.get("PARTSTAT", "NEEDS-ACTION")) if attendee is not None else None,
        conference=_text(event, "CONFERENCE"),
        expires=own.expires,
        proposal=own.proposal,
        asked=own.asked,
        moved_from=own.moved_from,
        fields=own.fields,
        needs=own.needs,
        event=event,
        copies=sorted(copies, key=lambda copy: places.get(copy.account.id, len(places))),
    )


def read_records(workspace: Workspace) -> tuple[list[Record], list[Warn]]:
    """Every booking and reservation in the workspace's calendars, by start; and what could not be read.

    What killed processes have left is finished first.
    """
    return read_unfinished(workspace, recover(_calendars(workspace)))


def read_unfinished(
    workspace: Workspace, failed: Mapping[Path, GbookError]
) -> tuple[list[Record], list[Warn]]:
    """Read as `read_records` does, but finish nothing; calendars that have `failed` are not read."""
    versions: dict[str, list[Record]] = {}
    warnings: list[Warn] = []
    for account in workspace.accounts.values():
        for reference in account.calendars:
            calendar = workspace.calendar_path(reference)
            if error := failed.get(calendar):
                warnings.append(_unread(account, reference, error))
                continue
            records, faults = _read_calendar(account, reference, calendar)
            warnings += faults
            for record in records:
                versions.setdefault(record.uid, []).append(record)
    merged = [_together(copies) for copies in versions.values()]
    return sorted(merged, key=lambda record: (record.start, record.uid)), warnings


def _read_calendar(
    account: Account, reference: CalendarRef, calendar: Path
) -> tuple[list[Record], list[Warn]]:
    """Return a record of each booking in one calendar, and a warning for what cannot be read."""
    records: list[Record] = []
    warnings: list[Warn] = []
    try:
        for file, event in _own_events(calendar):
            try:
                records.append(read_record(event, [Copy(account, calendar, file, reference.path)]))
            except DAMAGED as error:
                reason = f"a booking in this calendar is damaged: {error}"
                warnings.append(Warn("malformed_event", reason, account.id, reference.path))
    except GbookError as error:
        warnings.append(_unread(account, reference, error))
    return records, warnings


def _unread(account: Account, reference: CalendarRef, error: GbookError) -> Warn:
    code = "locked_calendar" if isinstance(error, Locked) else "unreadable_calendar"
    return Warn(code, error.message, account.id, reference.path)


def _together(versions: Sequence[Record]) -> Record:
    """The record of all copies of an event.

    The host's copy says how it is where gbook may write it; else the newest copy does.
    """
    newest = max(versions, key=lambda version: version.sequence)
    hosts = [one for one in versions if one.copies[0].account.id == one.host and one.copies[0].is_writable]
    primary_copy = max(hosts, key=lambda version: version.sequence, default=newest)
    places = {account: place for place, account in enumerate(primary_copy.accounts)}
    copies = [version.copies[0] for version in versions]
    return replace(
        primary_copy,
        sequence=newest.sequence,
        copies=sorted(copies, key=lambda copy: places.get(copy.account.id, len(places))),
        versions=versions,
    )


def _calendars(workspace: Workspace) -> dict[Path, None]:
    """Every calendar of the workspace, once."""
    references = [reference for account in workspace.accounts.values() for reference in account.calendars]
    return dict.fromkeys(workspace.calendar_path(reference) for reference in references)


def find_record(workspace: Workspace, wanted: str, noun: str = "booking") -> tuple[Record, list[Warn]]:
    """Return the record whose UID is, or unambiguously begins with, `wanted`, and what could not be read.

    Raises NotFound, UsageError; InvalidFile or Locked for a calendar that may hold it.
    """
    records, warnings = read_records(workspace)
    exact = [record for record in records if record.uid == wanted]
    found = exact or [record for record in records if wanted and record.uid.startswith(wanted)]
    if not found:
        refuse_damaged(workspace, warnings, f"{noun} {wanted!r} may be in it")
        raise NotFound(f"no {noun} {wanted!r}; `gbook {noun} list` shows them")
    if len(found) > 1:
        raise UsageError(f"{wanted!r} is the beginning of {len(found)} {noun}s: give more of it")
    return found[0], warnings


def _own_events(calendar: Path) -> Iterator[tuple[Path, Event]]:
    """The events of gbook's in a calendar. Raises GbookError where it cannot be read."""
    for item in list_items(calendar):
        try:
            events = parse_once(item.path, read_bytes, _own_events_in)
        except InvalidFile as error:
            raise GbookError(f"{item.name or 'it'} cannot be read: {error.problems[0]}") from error
        yield from ((item.path, event) for event in events)


def _own_events_in(data: bytes) -> list[Event]:
    return list(_events_in(data)) if PROFILE.encode() in data.upper() else []


def _events_in(data: bytes) -> Iterator[Event]:
    """The events of gbook's in a file, without single instances of series. Raises InvalidFile."""
    from icalendar import Event

    for place in read_structure(data, "").events:
        component = data[place.start : place.end]
        if place.recurrence is None and is_own(place.uid, component):
            with suppress(ValueError):
                event = Event.from_ical(component)
                if isinstance(event, Event):
                    yield event


def expired_reservations(calendars: Iterable[Path], now: int) -> list[Change]:
    """What takes reservations that have expired at `now` out of calendars, whose locks are held."""
    changes = []
    for calendar in dict.fromkeys(calendars):
        for item in list_items(calendar):
            if item.name and "@gbook" not in item.name:
                continue
            data = read_bytes(item.path)
            if EXPIRES.encode() not in data:
                continue
            changes += [Change(calendar, item.path, (Remove(uid),), data) for uid in _expired(data, now)]
    return changes


def _expired(data: bytes, now: int) -> Iterator[str]:
    """The UIDs of a file under which there is nothing but one reservation that has expired."""
    uids = Counter(place.uid for place in read_structure(data, "").events)
    for event in _events_in(data):
        uid = str(event["UID"])
        if uids[uid] == 1 and _is_expired(event, now):
            yield uid


def _is_expired(event: Event, now: int) -> bool:
    if any(name in event for name in ("RRULE", "RDATE")):
        # Somebody has made a series of it, which the calendars show as theirs.
        return False
    try:
        record = read_record(event)
    except DAMAGED:
        return False
    return record.is_reservation and not record.holds(now)


def _attendee(event: Event, email: str | None) -> vCalAddress | None:
    attendees = event.get("ATTENDEE", [])
    for attendee in attendees if isinstance(attendees, list) else [attendees]:
        address = mailbox(str(attendee), str(attendee.params.get("EMAIL", "")))
        if email and address.casefold() == email.casefold():
            found: vCalAddress = attendee
            return found
    return None


def _instant(event: Event, name: str) -> int:
    moment = event.decoded(name)
    return from_local(moment.replace(tzinfo=None), moment.tzinfo or UTC)


def _end(event: Event) -> int:
    """Some programs write a DURATION where gbook wrote DTEND."""
    if "DTEND" in event or "DURATION" not in event:
        return _instant(event, "DTEND")
    return _instant(event, "DTSTART") + int(event.decoded("DURATION").total_seconds())


def _sequence(event: Event) -> int:
    try:
        return int(event.get("SEQUENCE", 0))
    except (ValueError, TypeError):
        return 0


def _text(event: Event, name: str) -> str | None:
    value = event.get(name)
    return None if value is None else str(value)
