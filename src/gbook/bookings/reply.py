"""Guests' replies (RFC 5546 §3.2.3, METHOD:REPLY), written into the calendars.

A reply is an .ics file, or a mail that carries one. In every copy of the event it changes only the PARTSTAT
of the attendee; everything else in the reply is ignored.

A mail counts for its author only: From must be the address of the attendee (RFC 6047 §2.3), or the SENT-BY
address. An .ics file alone has no author: the user who passes it vouches for it. Accounts that have a
copy of the meeting, and rooms, cannot reply in this way: a reply would free their time. Accounts that are
invited by mail can: no calendar that gbook writes has their answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from gbook.bookings.attendees import Attendee, address_of, mailbox, with_parameters
from gbook.bookings.context import BookingContext
from gbook.bookings.participants import participants_of
from gbook.bookings.record import Record
from gbook.bookings.revision import Revision, find_booking, out_of_reach, preview, revise
from gbook.bookings.series_change import part_of_series
from gbook.bookings.series_reply import DateAnswer, Instance, date_of, is_current, with_answers
from gbook.calendars.ics.content_lines import read_lines, text_value, unfold
from gbook.calendars.ics.edit import rewrite
from gbook.calendars.ics.ownership import own_lines
from gbook.calendars.ics.structure import read_structure
from gbook.calendars.stores.read_once import read_once
from gbook.domains import canonical_address
from gbook.errors import InvalidFile, NotFound, Problem, Warn

if TYPE_CHECKING:
    from email.message import EmailMessage

__all__ = ["Reply", "answered_parts", "read_reply", "take_reply"]

# What an attendee of an event may answer (RFC 5545 §3.2.12).
ANSWERS = ("ACCEPTED", "DECLINED", "TENTATIVE", "DELEGATED", "NEEDS-ACTION")
# Quoted names and comments in a header.
_NO_ADDRESS = re.compile(r'"(?:[^"\\]|\\.)*"|\((?:[^()\\]|\\.)*\)')
_AUTHOR = re.compile(r"[^<>,;:]*<\s*([^\s<>@,;:]+@[^\s<>@,;:]+)\s*>\s*|\s*([^\s<>@,;:]+@[^\s<>@,;:]+)\s*")
_ICALENDAR = re.compile(rb"(?i)\A(?:\xef\xbb\xbf)?\s*BEGIN:VCALENDAR")


class Reply(NamedTuple):
    """The answer of an attendee (`email`, `partstat`) to one version (`sequence`) of a booking."""

    uid: str
    sequence: int
    email: str
    partstat: str
    # The file, as the user named it.
    path: str
    # The address that answers on behalf of the attendee (RFC 5545 §3.2.18).
    sent_by: str | None = None
    # The author of the mail; None for an .ics file alone.
    author: str | None = None
    # The date of a series that it answers; None for the whole booking.
    instance: Instance | None = None
    # DTSTAMP as written.
    stamp: str = ""
    # The answers to other dates in the same message.
    others: Sequence[Reply] = ()

    @property
    def answers(self) -> list[Reply]:
        """All answers in the message."""
        return [self, *self.others]


def read_reply(data: bytes, path: str) -> Reply:
    """Return the reply in an .ics file or a mail. Raises InvalidFile, naming `path`, if there is none."""
    author = None
    if _ICALENDAR.match(data):
        content = data
    else:
        message = _message(data)
        content, author = _calendar_of(message, path), _author(message, path)
    events = read_structure(content, path).events
    method = _method(content)
    if method != "REPLY" or not events:
        raise InvalidFile(path, [Problem(f"expected a reply to an invitation, found {method}", key="METHOD")])
    replies = [_read_event(content, content[event.start : event.end], path) for event in events]
    if len({(reply.uid, canonical_address(reply.email)) for reply in replies}) > 1:
        raise InvalidFile(path, ["expected one person's answer to one booking, found several"])
    return replies[0]._replace(author=author, others=replies[1:])


def take_reply(context: BookingContext, reply: Reply, *, write: bool = True) -> tuple[Record, list[Warn]]:
    """Write a reply into every copy of the booking; return the booking as changed, and warnings.

    A reply to an older version (SEQUENCE) changes nothing. Raises NotFound for an unknown booking or
    an address that is not invited, and what `revise` raises.
    """
    plan = partial(_plan, context, reply)
    try:
        with read_once():
            warnings = out_of_reach(context, find_booking(context, reply.uid))
            record = revise(context, plan) if write else preview(plan)
    except _Stale as stale:
        return stale.record, _stale(context, stale.record, reply)
    warnings += _stale(context, record, reply)
    if any(answer.partstat == "DELEGATED" for answer in reply.answers):
        warnings.append(
            Warn("delegated", f"{reply.email} delegates to someone else, whom gbook does not invite")
        )
    if reply.author is not None and canonical_address(reply.author) != canonical_address(reply.email):
        warnings.append(Warn("sent_by", f"{reply.author} answers for {reply.email}"))
    return record, warnings


def answered_parts(record: Record, reply: Reply) -> Iterator[tuple[Record, str]]:
    """Yield each part of a booking that a reply answers, a date of a series by itself, and the answer."""
    for answer in _answers(record, reply):
        if is_current(record, answer):
            part = part_of_series(record, answer.day.recurrence, record.start) if answer.day else record
            yield part, answer.partstat


def _answers(record: Record, reply: Reply) -> list[DateAnswer]:
    """Return the answers of a reply with the dates that they are about. Raises NotFound, InvalidFile."""
    return [
        DateAnswer(
            date_of(record, each.instance) if each.instance else None,
            each.partstat,
            each.sequence,
            each.stamp,
        )
        for each in reply.answers
    ]


def _stale(context: BookingContext, record: Record, reply: Reply) -> list[Warn]:
    """Return a warning for each answer that does not count: to an older version, or to a cancelled date."""
    warnings = []
    for answer in _answers(record, reply):
        if is_current(record, answer):
            continue
        versions = f"version {answer.sequence} of a booking that is now at version {record.sequence}"
        if (day := answer.day) is not None:
            state = "is cancelled" if day.status == "cancelled" else "has changed since"
            versions = f"the date {context.moment(day.recurrence, record.profile)}, which {state}"
        warnings.append(Warn("stale_reply", f"{reply.email} answered {versions}: ignored"))
    return warnings


class _Stale(Exception):
    """No answer of the reply is to the present version of `record`."""

    def __init__(self, record: Record) -> None:
        super().__init__(record.uid)
        self.record = record


def _plan(context: BookingContext, reply: Reply) -> list[Revision]:
    record = find_booking(context, reply.uid)
    if record.uid != reply.uid:
        raise NotFound(f"no booking {reply.uid!r}; `gbook booking list` shows them")
    invited = {canonical_address(attendee.email): attendee for attendee in record.attendees}
    if (attendee := invited.get(canonical_address(reply.email))) is None:
        raise NotFound(f"{reply.email} is not invited to booking {record.uid}")
    _check_may_answer(context, record, reply, attendee)
    current = [answer for answer in _answers(record, reply) if is_current(record, answer)]
    if not current:
        raise _Stale(record)
    kept = [copy for copy in record.copies if copy.is_writable]
    rewrite = with_answers(record, current, partial(_answered, reply.email))
    return [Revision(record=record, rewrite=rewrite, kept=kept)]


def _check_may_answer(context: BookingContext, record: Record, reply: Reply, attendee: Attendee) -> None:
    """Raise InvalidFile for a mail of another author, and for an account whose calendar has its answer."""
    address = canonical_address(attendee.email)
    accounts = [
        account
        for account in context.workspace.accounts.values()
        if canonical_address(account.email) == address and not account.is_invited_by_mail
    ]
    participants = participants_of(context.workspace, record).written
    booked = {canonical_address(account.email) for account in participants if not account.is_invited_by_mail}
    if address in booked or any(account.kind == "room" for account in accounts):
        message = f"{reply.email} is booked for this meeting and cannot reply by mail: "
        message += f"`gbook booking reschedule {record.uid} --slot TIME --reassign` finds others"
        raise InvalidFile(reply.path, [Problem(message, key="ATTENDEE")])
    authors = {address} | ({canonical_address(reply.sent_by)} if reply.sent_by and not accounts else set())
    if reply.author is not None and canonical_address(reply.author) not in authors:
        message = f"this mail by {reply.author} answers for {reply.email}; "
        message += "if that is right, save its .ics part and pass that file"
        raise InvalidFile(reply.path, [Problem(message, key="From")])


def _answered(email: str, component: bytes, partstat: str) -> bytes:
    """Return the event with an answer in the attendee's line."""
    address, answer = canonical_address(email), {"PARTSTAT": partstat}

    def change(line: bytes) -> bytes:
        own = address_of(line)
        return with_parameters(line, answer) if own and canonical_address(own) == address else line

    return rewrite(component, change)


def _message(data: bytes) -> EmailMessage:
    from email import message_from_bytes
    from email.policy import default

    return message_from_bytes(data, policy=default)


def _author(message: EmailMessage, path: str) -> str:
    """Return the address in From. Raises InvalidFile unless there is exactly one.

    Python's own parser takes `ann@example.org <eve@example.net>` for Ann's; mail programs show Eve's.
    """
    lines = [str(value) for name, value in message.raw_items() if name.casefold() == "from"]
    bare = _NO_ADDRESS.sub(" ", " ".join("".join(lines).split()))
    author = _AUTHOR.fullmatch(bare)
    if len(lines) != 1 or author is None:
        raise InvalidFile(path, [Problem("expected exactly one address, that of the attendee", key="From")])
    return str(author[1] or author[2])


def _calendar_of(message: EmailMessage, path: str) -> bytes:
    """Return the calendar in a mail; of several, the first one with METHOD:REPLY."""
    parts = [
        part for part in message.walk() if part.get_content_type() in ("text/calendar", "application/ics")
    ]
    if not parts:
        raise InvalidFile(path, ["expected an .ics file, or a mail with a text/calendar part"])
    # The method of a part is a parameter of its type (RFC 6047 §2.4); files that are attached have none.
    named = [part for part in parts if str(part.get_param("method", "")).upper() == "REPLY"]
    part = (named or parts)[0]
    raw = part.get_payload(decode=True)
    content = raw if isinstance(raw, bytes) else b""
    try:
        return content.decode(part.get_content_charset("utf-8")).encode()
    except (LookupError, ValueError):
        return content


def _method(content: bytes) -> str:
    lines = read_lines(unfold(content), {"METHOD"}).get("METHOD", [])
    return lines[0].value.strip().upper() if lines else "none"


def _read_event(content: bytes, event: bytes, path: str) -> Reply:
    """Return the answer in a VEVENT of a message (`content`), without its author. Raises InvalidFile."""
    lines = read_lines(own_lines(event), {"UID", "SEQUENCE", "ATTENDEE", "RECURRENCE-ID", "DTSTAMP"})
    for name in ("UID", "ATTENDEE"):
        if (count := len(lines.get(name, []))) != 1:
            raise InvalidFile(path, [Problem(f"expected one in a reply, found {count}", key=name)])
    attendee = lines["ATTENDEE"][0]
    partstat = attendee.parameters.get("PARTSTAT", "NEEDS-ACTION").upper()
    if partstat not in ANSWERS:
        problem = f"expected one of {', '.join(ANSWERS)}, found {partstat!r}"
        raise InvalidFile(path, [Problem(problem, key="PARTSTAT")])
    sequence = lines["SEQUENCE"][0].value.strip() if "SEQUENCE" in lines else "0"
    if not re.fullmatch(r"[0-9]{1,9}", sequence):
        raise InvalidFile(path, [Problem(f"expected a number, found {sequence!r}", key="SEQUENCE")])
    return Reply(
        uid=text_value(lines["UID"][0].value.strip()),
        sequence=int(sequence),
        email=mailbox(attendee.value.strip(), attendee.parameters.get("EMAIL", "")),
        partstat=partstat,
        path=path,
        sent_by=mailbox(attendee.parameters.get("SENT-BY", ""), "") or None,
        instance=Instance(lines["RECURRENCE-ID"][0], content, path) if "RECURRENCE-ID" in lines else None,
        stamp=lines["DTSTAMP"][0].value.strip() if "DTSTAMP" in lines else "",
    )
