"""An event as availability needs it: its time, whether it is busy, and the properties that gbook wrote.

RFC 5545 §3.6.1, RFC 4791 §7.10. One `Event` is one VEVENT; a series is a VEVENT with a rule or dates,
its overrides are VEVENTs of their own (see `recurrence`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from gbook.calendars.busy.cached import OwnBooking, Policy
from gbook.calendars.busy.unplaced import BEGINNING, closed_time
from gbook.calendars.ics.content_lines import Line, read_lines, text_value
from gbook.calendars.ics.frames import Enclosing
from gbook.calendars.ics.gbook_properties import (
    ACCOUNTS,
    BUFFERS,
    EXPIRES,
    GUEST,
    HOST,
    PROFILE,
    PROPOSAL,
    SEATS,
    read_properties,
)
from gbook.calendars.ics.ownership import is_own_uid
from gbook.calendars.ics.scanner import Component
from gbook.calendars.ics.values import (
    IcsDateTime,
    NominalDuration,
    OneZone,
    Zones,
    read_date_times,
    read_day,
    read_duration,
)
from gbook.timeutil.instants import DAY

__all__ = [
    "OF_SERIES",
    "Event",
    "blocks",
    "declined_addresses",
    "is_cancelled",
    "is_out_of_office",
    "own_answer",
    "read_event",
    "read_own_booking",
]

# The properties of a series, or of one instance of it.
OF_SERIES = frozenset({"RRULE", "RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID"})


class Event(msgspec.Struct, frozen=True, eq=False):
    """One VEVENT. `extent` is None if it ends before it starts: the event takes no time."""

    uid: str
    start: IcsDateTime
    extent: NominalDuration | None
    lines: Mapping[str, list[Line]]
    line: int
    calendar: Enclosing = msgspec.field(default_factory=Enclosing)
    recurrence_id: IcsDateTime | None = None
    this_and_future: bool = False
    # Seconds before its start that are busy too: the travel time.
    travel: int = 0
    # The faults that reading it found, although its time is known.
    faults: Sequence[str] = ()
    # Its own lines, unfolded.
    content: bytes = b""
    # Of a date of gbook's own series: its VEVENT with the rule, and the start by the rule (an instant).
    master: Event | None = None
    original: int | None = None

    def value(self, name: str) -> str:
        """Return the value of a property in upper case, or an empty string."""
        return self.lines[name][0].value.strip().upper() if name in self.lines else ""

    def text(self, name: str) -> str:
        """Return a TEXT property, or an empty string."""
        return text_value(self.lines[name][0].value) if name in self.lines else ""

    @property
    def is_series(self) -> bool:
        """Whether it has other instances than its DTSTART.

        RFC 5545 does not define a rule in an override. Some programs split a series in this way, so the
        override is a series of its own beside the first one.
        """
        names = ("RRULE", "RDATE") if self.recurrence_id else ("RRULE", "RDATE", "EXDATE", "EXRULE")
        return any(name in self.lines for name in names)

    @property
    def names_instance(self) -> bool:
        """Whether its RECURRENCE-ID, if it has one, can be read."""
        return self.recurrence_id is not self.start

    @property
    def sequence(self) -> int | None:
        """The number of its version (§3.8.7.4): 0 if it has none, None if it cannot be read."""
        text = self.value("SEQUENCE") or "0"
        return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None

    @property
    def has_day(self) -> bool:
        """Whether the day of its start is known. An event without one closes all time before its end."""
        return self.start is not BEGINNING

    @property
    def is_ours(self) -> bool:
        """Whether gbook wrote it: it has gbook's mark and UID, and is not an instance of a series."""
        return PROFILE in self.lines and self.recurrence_id is None and is_own_uid(self.uid)

    @property
    def session(self) -> str:
        """What gbook's bookings of one session have in common beside their time; empty for other events."""
        if not self.is_ours or SEATS not in self.lines:
            return ""
        return f"{self.text(PROFILE)} {self.text(ACCOUNTS)}"

    @property
    def subject(self) -> str:
        """Its title in one line, or an empty string."""
        return " ".join(self.text("SUMMARY").split())

    @property
    def location(self) -> str:
        """Its place in one line, or an empty string. It is read only here: availability does not need it."""
        lines = read_lines(self.content, {"LOCATION"})
        return " ".join(text_value(lines["LOCATION"][0].value).split()) if lines else ""

    @property
    def is_private(self) -> bool:
        """Whether its subject must not be shown (CLASS, §3.8.1.3)."""
        return self.value("CLASS") in {"PRIVATE", "CONFIDENTIAL"}


def read_event(component: Component, zones: Zones, policy: Policy = Policy()) -> Event:
    """Return the event of a VEVENT, its faults included."""
    lines = read_lines(component.content, _NAMES, component.line)
    faults = [component.broken] if component.broken else []
    try:
        start = _start(lines, zones, faults)
        extent = _extent(start, lines, zones, faults)
    except (ValueError, OverflowError) as error:
        start, extent, may_repeat, message = closed_time(lines, zones, str(error))
        faults.append(message)
        if not may_repeat:
            lines = {name: same for name, same in lines.items() if name not in OF_SERIES}
    recurrence_id = _recurrence_id(start, lines, zones, faults) if "RECURRENCE-ID" in lines else None
    travel = _travel(lines, faults) if policy.travel == "busy" and not start.is_date else 0
    return Event(
        uid=lines["UID"][0].value.strip() if "UID" in lines else "",
        start=start,
        extent=extent,
        lines=lines,
        line=component.line,
        calendar=component.calendar,
        content=component.content,
        recurrence_id=recurrence_id,
        this_and_future=recurrence_id is not None
        and lines["RECURRENCE-ID"][0].parameters.get("RANGE", "").upper() == "THISANDFUTURE",
        travel=travel,
        faults=tuple(faults),
    )


def _recurrence_id(
    start: IcsDateTime, lines: Mapping[str, list[Line]], zones: Zones, faults: list[str]
) -> IcsDateTime:
    """Return the RECURRENCE-ID of an override; `start` itself if it cannot be read: an event of its own."""
    recurrence_id = start
    try:
        recurrence_id = read_date_times(lines["RECURRENCE-ID"][0], zones)[0][0]
    except (ValueError, OverflowError) as error:
        faults.append(f"RECURRENCE-ID {error}")
    if "RRULE" in lines or "RDATE" in lines:
        faults.append("replaces one instance and has a rule of its own: both block")
    return recurrence_id


def _start(lines: Mapping[str, list[Line]], zones: Zones, faults: list[str]) -> IcsDateTime:
    """Return the first DTSTART that can be read. Raises ValueError, OverflowError."""
    if "DTSTART" not in lines:
        raise ValueError("has no DTSTART")
    errors = []
    for line in lines["DTSTART"]:
        try:
            start = read_date_times(line, zones)[0][0]
        except (ValueError, OverflowError) as error:
            errors.append(f"DTSTART {error}")
        else:
            # A text with raw line breaks may have a line that looks like a property.
            faults.extend(f"{error}: the next one counts" for error in errors)
            return start
    raise ValueError(errors[0])


def _travel(lines: Mapping[str, list[Line]], faults: list[str]) -> int:
    """Return the travel time of an event in seconds, as Apple's Calendar writes it."""
    if "X-APPLE-TRAVEL-DURATION" not in lines:
        return 0
    try:
        extent = read_duration(lines["X-APPLE-TRAVEL-DURATION"][0].value)
    except ValueError as error:
        faults.append(f"its travel time cannot be read ({error}): an hour before it is busy")
        return 3600
    seconds = extent.days * DAY + extent.seconds
    if seconds > DAY:
        faults.append("its travel time is longer than a day: only a day before it is busy")
    return min(max(seconds, 0), DAY)


def _extent(
    start: IcsDateTime, lines: Mapping[str, list[Line]], zones: Zones, faults: list[str]
) -> NominalDuration | None:
    """Return the duration of each instance (§3.6.1). A DATE alone lasts that day, a DATE-TIME no time."""
    try:
        extent = _written_extent(start, lines, zones)
    except (ValueError, OverflowError) as error:
        faults.append(f"its end cannot be read ({error}): it blocks to the end of that day at least")
        return _guessed_extent(start, lines)
    if extent.days < 0 or extent.seconds < 0:
        faults.append("ends before it starts: it takes no time")
        return None
    try:
        if extent.days:
            extent.end(start)
    except (ValueError, OverflowError):
        faults.append("ends after the year 9999: it takes no time")
        return None
    return extent


def _written_extent(start: IcsDateTime, lines: Mapping[str, list[Line]], zones: Zones) -> NominalDuration:
    if "DTEND" in lines:
        # Without a zone of its own it is a wall clock of the zone of DTSTART.
        floating = "TZID" not in lines["DTEND"][0].parameters
        (end, _), *_ = read_date_times(lines["DTEND"][0], OneZone(start.zone) if floating else zones)
        if start.is_date and end.is_date:
            # Many programs end a single day with that day itself, which §3.6.1 does not allow.
            return NominalDuration((end.wall - start.wall).days or 1, 0)
        return NominalDuration(0, end.instant - start.instant)
    if "DURATION" in lines:
        return read_duration(lines["DURATION"][0].value)
    return NominalDuration(1, 0) if start.is_date else NominalDuration(0, 0)


def _guessed_extent(start: IcsDateTime, lines: Mapping[str, list[Line]]) -> NominalDuration:
    """Return the duration of an event with an unreadable end: a day, or through the day in its DTEND."""
    day = read_day(lines["DTEND"][0].value) if "DTEND" in lines else None
    days = max(1, (day.date() - start.wall.date()).days + 1) if day else 1
    return NominalDuration(days, 0)


def blocks(event: Event, policy: Policy, email: str) -> bool:
    """Return whether an event is busy time for the account with address `email`, by its policy."""
    if policy.blocking == "never":
        return False
    if is_cancelled(event):
        return False
    if policy.blocking == "always":
        return True
    answer = own_answer(event, email)
    if answer == "DECLINED" or (policy.all_day == "free" and event.start.is_date):
        return False
    if policy.tentative == "free" and (event.value("STATUS") == "TENTATIVE" or answer == "TENTATIVE"):
        return False
    if policy.unanswered == "free" and answer == "NEEDS-ACTION":
        return False
    if is_out_of_office(event):
        return True
    if "TRANSP" in event.lines:
        return event.value("TRANSP") != "TRANSPARENT"
    return event.value("X-MICROSOFT-CDO-BUSYSTATUS") != "FREE"


def is_cancelled(event: Event) -> bool:
    """Return whether STATUS (also with one L) or the calendar's METHOD cancels an event."""
    return event.value("STATUS") in {"CANCELLED", "CANCELED"} or event.calendar.method == "CANCEL"


def is_out_of_office(event: Event) -> bool:
    """Return whether Outlook marks the account as away, which beats TRANSP (MS-OXCICAL 2.1.3.1.1.20.32)."""
    status = event.value("X-MICROSOFT-CDO-BUSYSTATUS")
    intended = event.value("X-MICROSOFT-CDO-INTENDEDSTATUS")
    return status == "OOF" or (intended == "OOF" and status != "FREE")


def own_answer(event: Event, email: str) -> str | None:
    """Return the account's own PARTSTAT (§3.2.12), or None if it is not an attendee."""
    address, answer = email.casefold(), None
    for line in event.lines.get("ATTENDEE", ()):
        value = line.value.strip().casefold()
        named = line.parameters.get("EMAIL", "").casefold()
        if address and address in (value.removeprefix("mailto:"), named):
            # Servers add a line with the answer after the invitation's own: the later line counts.
            answer = line.parameters.get("PARTSTAT", answer or "NEEDS-ACTION").upper()
    return answer


def read_own_booking(event: Event, policy: Policy, email: str) -> tuple[OwnBooking, list[str]]:
    """Return what gbook wrote into its own event, and its faults."""
    own, faults = read_properties(
        lambda name: event.text(name) if name in event.lines else None, event.start.zone
    )
    before, after = own.buffers or (0, 0)
    start = event.start.instant
    end = event.extent.end(event.start) if event.extent else start
    booking = OwnBooking(
        uid=event.uid,
        start=start,
        end=end,
        profile=own.profile,
        host=own.host,
        # An event that takes no time has no buffers either.
        blocks=start < end and blocks(event, policy, email),
        expires=own.expires,
        accounts=tuple(own.accounts) or tuple(own.host.split()),
        sequence=event.sequence or 0,
        cancelled=is_cancelled(event),
        declined=tuple(declined_addresses(event)),
        buffers=(before * 60, after * 60) if own.buffers else None,
        proposal=own.proposal or "",
        recurrence=event.original,
        guest=own.guest_email or "",
    )
    # Of the times among the properties, only the expiry is in `_NAMES`.
    return booking, [f"{fault}: the reservation does not expire" for fault in faults]


def declined_addresses(event: Event) -> Iterator[str]:
    """Return the addresses of attendees who have declined, in lower case; of two answers the later counts."""
    answers = {
        line.value.strip().casefold().removeprefix("mailto:"): line.parameters.get("PARTSTAT", "").upper()
        for line in event.lines.get("ATTENDEE", ())
    }
    return (address for address, answer in answers.items() if answer == "DECLINED")


_NAMES = frozenset(
    {
        *("UID", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID"),
        *("EXRULE", "SEQUENCE", "X-APPLE-TRAVEL-DURATION"),
        *("TRANSP", "STATUS", "CLASS", "SUMMARY", "ATTENDEE"),
        *("X-MICROSOFT-CDO-BUSYSTATUS", "X-MICROSOFT-CDO-INTENDEDSTATUS"),
        *(PROFILE, HOST, EXPIRES, ACCOUNTS, BUFFERS, PROPOSAL, GUEST, SEATS),
    }
)
