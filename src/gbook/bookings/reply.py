"""A guest's answer (RFC 5546 §3.2.3, METHOD:REPLY) taken into the calendars.

It comes as an .ics file, or as the mail that carries one. Of every copy of the event one line changes, and of
that line the PARTSTAT: what the guest says about anything else is not gbook's business.
"""

from __future__ import annotations

import re
from functools import partial
from typing import NamedTuple

from gbook.bookings.attendees import address_of, attendees, mailbox, with_parameters
from gbook.bookings.changes import Revision, find_booking, out_of_reach, rehearse, revise
from gbook.bookings.desk import Desk
from gbook.bookings.record import Record
from gbook.calendars.edit import rewrite
from gbook.calendars.lines import Line, read_lines, text_value
from gbook.calendars.outline import outline, unfold
from gbook.errors import InvalidFile, NotFound, Problem, Warn

__all__ = ["Reply", "read_reply", "take_reply"]

# What an attendee of an event may answer (RFC 5545 §3.2.12).
ANSWERS = ("ACCEPTED", "DECLINED", "TENTATIVE", "DELEGATED", "NEEDS-ACTION")
_ICALENDAR = re.compile(rb"(?i)\A(?:\xef\xbb\xbf)?\s*BEGIN:VCALENDAR")


class Reply(NamedTuple):
    """Who answers what about which version of which booking."""

    uid: str
    sequence: int
    email: str
    partstat: str


def read_reply(data: bytes, path: str) -> Reply:
    """The reply in an .ics file or in a mail. Raises InvalidFile, naming `path`, where there is none."""
    content = data if _ICALENDAR.match(data) else _from_mail(data, path)
    events = outline(content, path).events
    method = _method(content)
    if method != "REPLY" or not events:
        raise InvalidFile(path, [Problem(f"expected a reply to an invitation, found {method}", key="METHOD")])
    event = content[events[0].start : events[0].end]
    return _read_event(read_lines(_own_lines(event), {"UID", "SEQUENCE", "ATTENDEE"}), path)


def take_reply(desk: Desk, reply: Reply, *, write: bool = True) -> tuple[Record, list[Warn]]:
    """Writes a reply into every copy of the booking; gives the booking as it then stands, and warnings.

    A reply to an older version (SEQUENCE) changes nothing. Raises NotFound for an unknown booking and for
    somebody who is not invited, and what `revise` raises.
    """
    plan = partial(_plan, desk, reply)
    try:
        record = revise(desk, plan) if write else rehearse(plan)
    except _Stale as stale:
        at = f"{reply.email} answers version {reply.sequence} of a booking that is at {stale.record.sequence}"
        return stale.record, [Warn("stale_reply", f"{at}: ignored")]
    warnings = out_of_reach(desk, record)
    if reply.partstat == "DELEGATED":
        warnings.append(Warn("delegated", f"{reply.email} sends somebody else, whom gbook has not invited"))
    return record, warnings


class _Stale(Exception):
    """The reply is to an older version of `record`."""

    def __init__(self, record: Record) -> None:
        super().__init__(record.uid)
        self.record = record


def _plan(desk: Desk, reply: Reply) -> list[Revision]:
    record = find_booking(desk, reply.uid)
    if record.uid != reply.uid:
        raise NotFound(f"no booking {reply.uid!r}; `gbook booking list` shows them")
    if reply.email.casefold() not in (one.email.casefold() for one in attendees(record.event)):
        raise NotFound(f"{reply.email} is not invited to booking {record.uid}")
    if reply.sequence < record.sequence:
        raise _Stale(record)
    kept = [copy for copy in record.copies if copy.is_writable]
    return [Revision(record=record, rewrite=partial(_answered, reply=reply), kept=kept)]


def _answered(component: bytes, reply: Reply) -> bytes:
    """The event with the answer in the line of who answers."""
    whose, answer = reply.email.casefold(), {"PARTSTAT": reply.partstat}
    return rewrite(
        component, lambda line: with_parameters(line, answer) if address_of(line) == whose else line
    )


def _from_mail(data: bytes, path: str) -> bytes:
    """The calendar in a mail; where there are several, the first that says it is a reply."""
    from email import message_from_bytes
    from email.policy import default

    parts = [
        part
        for part in message_from_bytes(data, policy=default).walk()
        if part.get_content_type() in ("text/calendar", "application/ics")
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


def _own_lines(event: bytes) -> bytes:
    """Return the lines of an event, unfolded, without those of its alarms, which may have an ATTENDEE too."""
    lines = [b""]

    def keep(line: bytes) -> bytes:
        lines.append(line)
        return line

    rewrite(event, keep)
    return b"\n".join(lines)


def _method(content: bytes) -> str:
    lines = read_lines(unfold(content), {"METHOD"}).get("METHOD", [])
    return lines[0].value.strip().upper() if lines else "none"


def _read_event(lines: dict[str, list[Line]], path: str) -> Reply:
    for name in ("UID", "ATTENDEE"):
        if len(found := lines.get(name, [])) != 1:
            raise InvalidFile(path, [Problem(f"expected one in a reply, found {len(found)}", key=name)])
    attendee = lines["ATTENDEE"][0]
    partstat = attendee.parameters.get("PARTSTAT", "NEEDS-ACTION").upper()
    if partstat not in ANSWERS:
        problem = f"expected one of {', '.join(ANSWERS)}, found {partstat!r}"
        raise InvalidFile(path, [Problem(problem, key="PARTSTAT")])
    sequence = lines["SEQUENCE"][0].value.strip() if "SEQUENCE" in lines else "0"
    if not re.fullmatch(r"[0-9]{1,9}", sequence):
        raise InvalidFile(path, [Problem(f"expected a number, found {sequence!r}", key="SEQUENCE")])
    email = mailbox(attendee.value.strip(), attendee.parameters.get("EMAIL", ""))
    return Reply(text_value(lines["UID"][0].value.strip()), int(sequence), email, partstat)
