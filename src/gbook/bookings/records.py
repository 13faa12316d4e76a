"""Bookings as read from the calendars: one record for each UID, however many copies there are."""

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
from gbook.bookings.unreadable import refuse_damaged
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

# The errors of `read_record` for an event that was damaged by another program or by hand.
DAMAGED = (KeyError, ValueError, AttributeError, TypeError)


class Copy(NamedTuple):
    """A copy of a booking: its account, the calendar, the file, and the calendar as the user named it."""

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
    """Return the record of a booking's event, copies in account order. Raises one of DAMAGED."""
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
    """Return all bookings and reservations by start, and a warning for what cannot be read.

    Unfinished transactions of killed processes are completed first.
    """
    return read_unfinished(workspace, recover(_calendars(workspace)))


def read_unfinished(
    workspace: Workspace, failed: Mapping[Path, GbookError]
) -> tuple[list[Record], list[Warn]]:
    """Read as `read_records` does, without recovery; calendars that have `failed` are not read."""
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
    """Return the record of all copies of an event: the host's copy if it is writable, else the newest."""
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
    """Return every calendar of the workspace, once."""
    references = [reference for account in workspace.accounts.values() for reference in account.calendars]
    return dict.fromkeys(workspace.calendar_path(reference) for reference in references)


def find_record(workspace: Workspace, record_id: str, noun: str = "booking") -> tuple[Record, list[Warn]]:
    """Return the record with the UID `record_id`, or a unique prefix of it, and what cannot be read.

    Raises NotFound, UsageError; InvalidFile or Locked for a calendar that may hold it.
    """
    records, warnings = read_records(workspace)
    exact = [record for record in records if record.uid == record_id]
    found = exact or [record for record in records if record_id and record.uid.startswith(record_id)]
    if not found:
        refuse_damaged(workspace, warnings, f"{noun} {record_id!r} may be in it")
        raise NotFound(f"no {noun} {record_id!r}; `gbook {noun} list` shows them")
    if len(found) > 1:
        raise UsageError(f"{record_id!r} matches {len(found)} {noun}s: use a longer prefix")
    return found[0], warnings


def _own_events(calendar: Path) -> Iterator[tuple[Path, Event]]:
    """Return the bookings in a calendar, each with its file. Raises GbookError if it cannot be read."""
    for item in list_items(calendar):
        try:
            events = parse_once(item.path, read_bytes, _own_events_in)
        except InvalidFile as error:
            raise GbookError(f"{item.name or 'it'} cannot be read: {error.problems[0]}") from error
        yield from ((item.path, event) for event in events)


def _own_events_in(data: bytes) -> list[Event]:
    return list(_events_in(data)) if PROFILE.encode() in data.upper() else []


def _events_in(data: bytes) -> Iterator[Event]:
    """Return the bookings in a file, without single instances of series. Raises InvalidFile."""
    from icalendar import Event

    for place in read_structure(data, "").events:
        component = data[place.start : place.end]
        if place.recurrence is None and is_own(place.uid, component):
            with suppress(ValueError):
                event = Event.from_ical(component)
                if isinstance(event, Event):
                    yield event


def expired_reservations(calendars: Iterable[Path], now: int) -> list[Change]:
    """Return the changes that remove expired reservations from calendars whose locks are held."""
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
    """Return the UIDs in a file that belong to one expired reservation and nothing else."""
    uids = Counter(place.uid for place in read_structure(data, "").events)
    for event in _events_in(data):
        uid = str(event["UID"])
        if uids[uid] == 1 and _is_expired(event, now):
            yield uid


def _is_expired(event: Event, now: int) -> bool:
    if any(name in event for name in ("RRULE", "RDATE")):
        # Another program has made a series of it.
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
    """Return the end; some programs replace DTEND with DURATION."""
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
