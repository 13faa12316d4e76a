"""Counter-proposals (RFC 5546 §3.2.7, METHOD:COUNTER): a guest proposes another time, place or subject.

The time is judged as that of `booking reschedule`, which accepts it. Until then only the guest's answer is
written: tentative, or declined.
"""

from __future__ import annotations

from typing import NamedTuple
from zoneinfo import ZoneInfo

from gbook.bookings.attendees import Attendee
from gbook.bookings.context import BookingContext
from gbook.bookings.received import Counter
from gbook.bookings.record import Record
from gbook.bookings.reply import answered_booking, is_stale, outdated_versions, take_reply
from gbook.bookings.reschedule import NewSlot, rescheduling
from gbook.bookings.revision import Plan, Revision, preview
from gbook.bookings.series_change import part_of_series
from gbook.bookings.series_reply import date_of
from gbook.calendars.busy.events import Event, read_event
from gbook.calendars.busy.file_zones import FileZones
from gbook.calendars.ics.content_lines import read_lines, text_value
from gbook.calendars.ics.scanner import scan
from gbook.domains import canonical_address
from gbook.engine.intervals import Interval
from gbook.errors import InvalidFile, Problem, UsageError, Warn
from gbook.scheduling.unavailable import SlotUnavailable
from gbook.scheduling.zones import shared_zone
from gbook.timeutil.instants import ALL_TIME

__all__ = ["CounterProposal", "accepting", "proposed_date", "take_counter"]


class CounterProposal(NamedTuple):
    """What a guest proposes for a booking, which has the guest's answer now."""

    record: Record
    person: Attendee
    # The time of the booking, of a series that of the date concerned or of the first one to come.
    before: Interval
    # The proposed time; None if it is the same.
    span: Interval | None
    # The original start of the date of a series that it is about.
    recurrence: int | None
    # The proposed place and subject; None if they are the same.
    location: str | None
    subject: str | None
    comment: str
    # Why the booking cannot be moved there; None if it can, or need not be.
    refusal: SlotUnavailable | None
    warnings: list[Warn]

    @property
    def is_free(self) -> bool | None:
        """Whether the proposed time can be booked; None if no other time is proposed."""
        return None if self.span is None else self.refusal is None

    @property
    def as_long_as_before(self) -> bool:
        """Whether the proposed time has the present length."""
        return self.span is not None and self.span[1] - self.span[0] == self.before[1] - self.before[0]


class _Proposed(NamedTuple):
    """The event as it is proposed."""

    span: Interval
    location: str
    subject: str
    comment: str


def take_counter(context: BookingContext, counter: Counter, *, write: bool = True) -> CounterProposal:
    """Write the answer of a guest who proposes a change into every copy, and return the proposal.

    A proposal for an older version changes nothing, and has the warning `stale_reply`. Raises what
    `take_reply` raises, and InvalidFile for a time that cannot be read.
    """
    proposed = _read(
        counter, shared_zone(context.workspace, [answered_booking(context, counter.reply).profile])
    )
    record, warnings = take_reply(context, counter.reply, write=write)
    recurrence = proposed_date(record, counter)
    date = part_of_series(record, recurrence, context.now)
    span = proposed.span if proposed.span != (date.start, date.end) else None
    return CounterProposal(
        record=record,
        person=_person(record, counter.reply.email),
        before=(date.start, date.end),
        span=span,
        recurrence=recurrence,
        location=_changed(record.location, proposed.location),
        subject=_changed(record.subject, proposed.subject),
        comment=proposed.comment,
        refusal=_refusal(_move(context, record, recurrence, proposed))
        if span and not _is_ignored(warnings)
        else None,
        warnings=warnings,
    )


def accepting(context: BookingContext, counter: Counter) -> Plan:
    """Return the plan that moves a booking to the time that a guest proposes.

    It raises what `rescheduling` raises, SlotUnavailable for a proposal to an older version, UsageError for
    one that proposes no other time, and what `take_reply` raises.
    """

    def plan() -> list[Revision]:
        record = answered_booking(context, counter.reply)
        if is_stale(record, counter.reply):
            version = outdated_versions(context, record, counter.reply)[0]
            raise SlotUnavailable(f"{counter.reply.email} proposes a time for {version}")
        proposed = _read(counter, shared_zone(context.workspace, [record.profile]))
        recurrence = proposed_date(record, counter)
        date = part_of_series(record, recurrence, context.now)
        if proposed.span == (date.start, date.end):
            raise UsageError("--accept: no other time is proposed")
        return [*_move(context, record, recurrence, proposed)()]

    return plan


def proposed_date(record: Record, counter: Counter) -> int | None:
    """Return the original start of the date that a proposal is about; None for the whole booking.

    Raises NotFound if the booking has no such date, InvalidFile.
    """
    instance = counter.reply.instance
    return None if instance is None else date_of(record, instance).recurrence


def _move(context: BookingContext, record: Record, recurrence: int | None, proposed: _Proposed) -> Plan:
    return rescheduling(context, record.uid, NewSlot(*proposed.span, recurrence=recurrence))


def _refusal(move: Plan) -> SlotUnavailable | None:
    try:
        preview(move)
    except SlotUnavailable as error:
        return error
    return None


def _person(record: Record, email: str) -> Attendee:
    """Return the attendee with an address, in any spelling."""
    address = canonical_address(email)
    return next(one for one in record.attendees if canonical_address(one.email) == address)


def _is_ignored(warnings: list[Warn]) -> bool:
    return any(warning.code == "stale_reply" for warning in warnings)


def _changed(before: str, proposed: str) -> str | None:
    """Return a text that is proposed instead of another; None if it is the same or left out."""
    return proposed if proposed and proposed != before.strip() else None


def _read(counter: Counter, zone: ZoneInfo) -> _Proposed:
    """Return the event of a counter-proposal; times without a zone are in `zone`. Raises InvalidFile."""
    components = list(scan(counter.content, *ALL_TIME))
    zones = FileZones(counter.content, components, zone.key)
    component = next(one for one in components if one.name == "VEVENT")
    if not read_lines(component.content, {"DTSTART"}).get("DTSTART"):
        raise InvalidFile(
            counter.reply.path, [Problem("the time that is proposed is missing", key="DTSTART")]
        )
    event = read_event(component, zones.of(component.calendar))
    faults = [*event.faults, *(fault.message for fault in zones.diagnostics)]
    if faults or event.start.is_date:
        fault = faults[0] if faults else "expected a time, found a whole day"
        raise InvalidFile(counter.reply.path, [Problem(fault, key="DTSTART")])
    start = event.start.instant
    return _Proposed(
        span=(start, event.extent.end(event.start) if event.extent else start),
        location=event.location,
        subject=event.subject,
        comment=_comment(event),
    )


def _comment(event: Event) -> str:
    lines = read_lines(event.content, {"COMMENT"}).get("COMMENT", [])
    return " ".join(" ".join(text_value(line.value) for line in lines).split())
