"""Messages that guests send back: a reply (RFC 5546 §3.2.3) or a counter-proposal (§3.2.7).

Each is an .ics file, or a mail that carries one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from gbook.bookings.attendees import mailbox
from gbook.bookings.series_reply import Instance
from gbook.calendars.ics.content_lines import Line, read_lines, text_value, unfold
from gbook.calendars.ics.ownership import own_lines
from gbook.calendars.ics.structure import read_structure
from gbook.domains import canonical_address
from gbook.errors import InvalidFile, Problem

if TYPE_CHECKING:
    from email.message import EmailMessage

__all__ = ["Counter", "Reply", "read_reply"]

# What an attendee of an event may answer (RFC 5545 §3.2.12).
ANSWERS = ("ACCEPTED", "DECLINED", "TENTATIVE", "DELEGATED", "NEEDS-ACTION")
METHODS = ("REPLY", "COUNTER")
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
    # Whether the user says that it is the answer of `email`, from whichever address it comes.
    is_vouched_for: bool = False

    @property
    def answers(self) -> list[Reply]:
        """All answers in the message."""
        return [self, *self.others]

    def answering_for(self, email: str) -> Reply:
        """Return the reply as the answer of an attendee who was invited by another address."""
        return self._replace(email=email, is_vouched_for=True)


class Counter(NamedTuple):
    """A counter-proposal: the answer of its author, and the calendar with the event as proposed."""

    reply: Reply
    content: bytes

    def answering_for(self, email: str) -> Counter:
        """Return the proposal as that of an attendee who was invited by another address."""
        return self._replace(reply=self.reply.answering_for(email))


def read_reply(data: bytes, path: str) -> Reply | Counter:
    """Return the message in an .ics file or a mail. Raises InvalidFile, naming `path`, if there is none."""
    author = None
    if _ICALENDAR.match(data):
        content = data
    else:
        message = _message(data)
        content, author = _calendar_of(message, path), _author(message, path)
    events = read_structure(content, path).events
    method = _method(content)
    if method not in METHODS or not events:
        raise InvalidFile(path, [Problem(f"expected a reply to an invitation, found {method}", key="METHOD")])
    replies = [_read_event(content, content[event.start : event.end], path, author) for event in events]
    if method == "COUNTER":
        # A guest who proposes another time has not accepted this one.
        partstat = "DECLINED" if replies[0].partstat == "DECLINED" else "TENTATIVE"
        return Counter(replies[0]._replace(partstat=partstat), content)
    if len({(reply.uid, canonical_address(reply.email)) for reply in replies}) > 1:
        raise InvalidFile(path, ["expected one person's answer to one booking, found several"])
    return replies[0]._replace(others=replies[1:])


def _proposers(attendees: list[Line], author: str | None) -> list[Line]:
    """Return which of several attendees proposes: the author of the mail, else those who have answered.

    A counter-proposal may name everybody (RFC 5546 §3.2.7).
    """
    by_author = [line for line in attendees if author and _is_of(line, author)]
    answered = [line for line in attendees if line.parameters.get("PARTSTAT", "").upper() == "TENTATIVE"]
    return by_author or answered or attendees


def _is_of(line: Line, address: str) -> bool:
    return canonical_address(_email(line)) == canonical_address(address)


def _email(line: Line) -> str:
    return mailbox(line.value.strip(), line.parameters.get("EMAIL", ""))


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
    """Return the calendar in a mail; of several, the first one with a METHOD of guests."""
    parts = [
        part for part in message.walk() if part.get_content_type() in ("text/calendar", "application/ics")
    ]
    if not parts:
        raise InvalidFile(path, ["expected an .ics file, or a mail with a text/calendar part"])
    # The method of a part is a parameter of its type (RFC 6047 §2.4); files that are attached have none.
    named = [part for part in parts if str(part.get_param("method", "")).upper() in METHODS]
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


def _read_event(content: bytes, event: bytes, path: str, author: str | None) -> Reply:
    """Return the answer in a VEVENT of a message (`content`). Raises InvalidFile."""
    lines = read_lines(own_lines(event), {"UID", "SEQUENCE", "ATTENDEE", "RECURRENCE-ID", "DTSTAMP"})
    if _method(content) == "COUNTER" and len(named := lines.get("ATTENDEE", [])) > 1:
        lines = {**lines, "ATTENDEE": _proposers(named, author)}
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
        email=_email(attendee),
        partstat=partstat,
        path=path,
        sent_by=mailbox(attendee.parameters.get("SENT-BY", ""), "") or None,
        author=author,
        instance=Instance(lines["RECURRENCE-ID"][0], content, path) if "RECURRENCE-ID" in lines else None,
        stamp=lines["DTSTAMP"][0].value.strip() if "DTSTAMP" in lines else "",
    )
