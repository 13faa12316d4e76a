"""Bookings as text: one that was made or changed, lists of them, and the commands to go on with."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from gbook.render.places import short_places
from gbook.render.series import date_lines, dates_not_declined, dates_to_come, declined_dates, repeat_words
from gbook.render.text import Styled, clean
from gbook.timeutil.format import count, day_range, zone_name, zoned_moment, zoned_range
from gbook.timeutil.instants import MINUTE

if TYPE_CHECKING:
    from datetime import date

    from gbook.bookings.record import Record
    from gbook.render.console import Console

__all__ = [
    "calendar_names",
    "moment",
    "moved_words",
    "people",
    "show_booking",
    "show_cancelled",
    "show_choices",
    "show_details",
    "show_lines_to_send",
    "show_list",
    "show_people",
    "show_proposal",
    "status_words",
    "when",
]

# Characters of a UID in lists; more if two would look the same.
ID_LENGTH = 8
ANSWERS = {
    "ACCEPTED": "accepted",
    "DECLINED": "declined",
    "TENTATIVE": "tentative",
    "DELEGATED": "delegated",
    "NEEDS-ACTION": "no answer yet",
}


def show_booking(
    console: Console,
    record: Record,
    zone: ZoneInfo,
    verb: str | None = None,
    quorum: str = "",
    day: date | None = None,
) -> None:
    """Print a booking or reservation that was just made or changed; `verb` says how.

    `quorum` says how many members were needed, `day` is that of one date of a series.
    """
    verb = verb or ("Reserved" if record.is_reservation else "Booked")
    _say(console, f"{verb} {when(record, zone)}: {record.subject}")
    for line in date_lines(record, zone):
        _say(console, f"  {line}")
    _say(console, f"  with {people(record, quorum)}")
    _say(console, f"  in {calendar_names(record)}")
    _show_seats(console, record)
    if record.conference:
        _say(console, f"  conference {record.conference}")
    if record.expires is not None and record.is_reservation:
        _say(console, f"  until {moment(record.expires, zone)}")
    show_choices(console, record, day)


def moved_words(before: Record, after: Record) -> str:
    """Return the effect of a reschedule in words: moved, reassigned or unchanged."""
    if before.times != after.times:
        return "Moved to"
    return "Unchanged:" if before.sequence == after.sequence else "Reassigned:"


def status_words(record: Record, now: int, zone: ZoneInfo, declined: Sequence[str] = ()) -> str:
    """Return the status of a booking in words: past, declined by the guest or by accounts (`declined`).

    Dates of a series that were declined are in `zone`.
    """
    if record.status != "confirmed":
        return record.status
    words = ["past"] if record.last_end <= now else []
    if record.series and not words:
        words.append(f"confirmed, {dates_to_come(record.series, now)}")
        words += declined_dates(record, zone, now)
    if (record.partstat or "").upper() == "DECLINED":
        words.append(f"declined by the guest{dates_not_declined(record, zone, now)}")
    if declined:
        words.append(f"declined by {', '.join(declined)}")
    return ", ".join(words) or "confirmed"


def show_cancelled(console: Console, part: Record, record: Record, zone: ZoneInfo, *, removed: bool) -> None:
    """Print a booking that was just cancelled; `part` is what was cancelled of it, as it was before."""
    _say(console, f"Cancelled {when(part, zone)}: {record.subject}")
    for line in date_lines(record, zone) if part.series and not removed else ():
        _say(console, f"  {line}")
    _say(console, f"  {'removed from' if removed else 'in'} {calendar_names(record)}")
    _say(console, f"The time is available again: {_availability_command(record)}")


def _availability_command(record: Record) -> str:
    if record.profile:
        return f"gbook availability -p {record.profile}"
    minutes = max((record.end - record.start) // MINUTE, 1)
    return f"gbook availability --with {','.join(record.accounts)} --duration {minutes}"


def show_proposal(console: Console, records: Sequence[Record], zone: ZoneInfo) -> None:
    """Print the reservations of a proposal that was just made."""
    from gbook.bookings.proposal_text import in_order

    first = records[0]
    _say(console, f"Reserved {count(len(records), 'slot')}: {first.subject}")
    if first.expires is not None:
        _say(console, f"  until {moment(first.expires, zone)}")
    for number, record in enumerate(in_order(records), 1):
        _say(console, f"  {number}. {when(record, zone)} with {people(record)}")
        _say(console, f"     gbook reservation confirm {record.uid}")
    if len(records) > 1:
        _say(console, "Confirming one of them drops the others.")


def show_lines_to_send(console: Console, records: Sequence[Record], zone: ZoneInfo, link: str | None) -> None:
    """Print a proposal in words for the guest, to paste into a mail; `link` is where to pick one."""
    from gbook.bookings.email_text import guest_zone
    from gbook.bookings.proposal_text import proposal_text

    text = proposal_text(records, guest_zone(records[0], zone), link)
    for line in ("", "To paste into a mail:", "", *text):
        console.print(clean(line), soft_wrap=True)


def show_details(
    console: Console, record: Record, zone: ZoneInfo, now: int, declined: Sequence[str] = ()
) -> None:
    """Print one booking in full, with its attendees and their answers; `declined` are accounts."""
    status = "reserved" if record.is_reservation else status_words(record, now, zone, declined)
    _say(console, record.subject or "(no subject)")
    _say(console, f"  {when(record, zone)}, {status}")
    for dates in date_lines(record, zone):
        _say(console, f"  {dates}")
    if record.is_reservation and record.expires is not None:
        _say(console, f"  until {moment(record.expires, zone)}")
    origin = f"profile {record.profile}, " if record.profile else ""
    _say(console, f"  {origin}with {people(record)}")
    _show_seats(console, record)
    for line in (record.conference, record.location):
        if line:
            _say(console, f"  {line}")
    for line in record.description.splitlines():
        _say(console, f"  | {line}")
    _show_answers(console, record)
    for comment in record.comments:
        _say(console, f"  comment: {comment}")
    _say(console, f"  in {calendar_names(record)}")
    show_choices(console, record)


def _show_seats(console: Console, record: Record) -> None:
    if record.seats is not None and record.seats_left is not None:
        _say(console, f"  {record.seats_left} of {record.seats} seats left")


def show_people(console: Console, record: Record, zone: ZoneInfo, verb: str) -> None:
    """Print a booking whose people were just changed, with all of them and their answers."""
    _say(console, f"{verb} {when(record, zone)}: {record.subject}")
    _show_answers(console, record)
    _say(console, f"  in {calendar_names(record)}")


def _show_answers(console: Console, record: Record) -> None:
    for attendee in record.attendees:
        name = f"{attendee.name} <{attendee.email}>" if attendee.name else attendee.email
        _say(console, f"  {name}: {ANSWERS.get(attendee.partstat, attendee.partstat.lower())}")


def show_list(
    console: Console,
    records: Sequence[Record],
    zone: ZoneInfo,
    today: date,
    status: Callable[[Record], str],
    hint: str,
) -> None:
    """Print bookings as a table, each with its `status`, then the hint; only the hint if there are none."""
    if not records:
        _say(console, hint)
        return
    from gbook.render.tables import Column, print_list

    columns = (
        Column("When", whole=True),
        Column("Subject"),
        Column("With", label="with"),
        Column("Guest", label="guest"),
        Column("Status"),
        Column("ID", whole=True, label="ID"),
    )
    length = _id_length({record.uid for record in records})
    rows = [
        (
            day_range(record.start, record.end, zone, today),
            record.subject,
            ", ".join(record.accounts),
            record.guest.name or record.guest.email or "",
            status(record),
            record.uid[:length],
        )
        for record in records
    ]
    where = zone_name(zone, (record.start for record in records))
    console.print_words(Styled(f"Times in {where}", style="dim"))
    print_list(console, columns, rows)
    _say(console, hint)


def when(record: Record, zone: ZoneInfo) -> str:
    """Return the time of a booking: `Tue 24 Nov 2026 09:00–09:30 EST`, and how it recurs."""
    return f"{zoned_range(record.start, record.end, zone)}{repeat_words(record)}"


def moment(instant: int, zone: ZoneInfo) -> str:
    """Return an instant as `Tue 24 Nov 2026 09:00 EST`, without its seconds."""
    return zoned_moment(instant - instant % MINUTE, zone)


def people(record: Record, quorum: str = "") -> str:
    """Return the accounts of a booking, which of them is the host, and how many members were needed."""
    details = "; ".join(filter(None, (f"host: {record.host}", quorum)))
    return f"{', '.join(record.accounts)} ({details})"


def calendar_names(record: Record) -> str:
    """Return the calendars of a booking, those on servers by the ends of their addresses."""
    return ", ".join(short_places(copy.shown for copy in record.copies))


def show_choices(console: Console, record: Record, day: date | None = None) -> None:
    """Print the commands that can change a booking, each on its own line so that it can be copied.

    `day` is that of one date of a series, which the commands change then.
    """
    named = f"{record.uid} --date {day}" if day else record.uid
    if record.is_reservation:
        _say(console, "Confirm it, or drop it:")
        _say(console, f"  gbook reservation confirm {record.uid}")
        _say(console, f"  gbook reservation drop {record.uid}")
    elif record.status == "cancelled":
        _say(console, "Remove it from the calendars:")
        _say(console, f"  gbook booking cancel --remove {record.uid}")
    else:
        _say(console, "Move or cancel it:")
        _say(console, f"  gbook booking reschedule {named} --slot TIME")
        _say(console, f"  gbook booking cancel {named}")


def _id_length(uids: Collection[str]) -> int:
    """Return how many characters make each UID unique among `uids`."""
    length = ID_LENGTH
    while len({uid[:length] for uid in uids}) < len(uids):
        length += 1
    return length


def _say(console: Console, text: str) -> None:
    """Print one line, in which no command is wrapped, so that it can be copied."""
    console.print_words(clean(text))
