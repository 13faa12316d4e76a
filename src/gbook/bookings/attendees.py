"""ATTENDEE lines (RFC 5545 §3.8.4.1): the attendees of an event and their answers.

Only the parameters that change are written again; all other bytes of a line stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import msgspec

from gbook.calendars.ics.content_lines import name_of, read_parameters, value_of

if TYPE_CHECKING:
    from icalendar import Event, vCalAddress

    from gbook.bookings.event import Guest

__all__ = [
    "Attendee",
    "address_of",
    "attendee_lines",
    "attendee_of",
    "attendees",
    "guest_among",
    "mailbox",
    "parameters",
    "upper",
    "with_parameters",
    "written_attendees",
    "written_parameter",
]


class Attendee(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An attendee; `email` as written, `role` and `partstat` usually in upper case."""

    email: str
    name: str | None
    role: str
    partstat: str


def attendees(event: Event) -> list[Attendee]:
    """Return the attendees of an event, in its order."""
    return [upper(attendee) for attendee in written_attendees(event)]


def written_attendees(event: Event) -> list[Attendee]:
    """Return the attendees of an event, in its order, with role and answer as written."""
    return [attendee_of(str(line), line.params) for line in attendee_lines(event)]


def attendee_of(value: str, parameters: Mapping[str, object]) -> Attendee:
    """Return the attendee of an ATTENDEE property, with role and answer as written."""
    return Attendee(
        mailbox(value, str(parameters.get("EMAIL", ""))),
        str(parameters.get("CN", "")) or None,
        str(parameters.get("ROLE", "REQ-PARTICIPANT")),
        str(parameters.get("PARTSTAT", "NEEDS-ACTION")),
    )


def upper(attendee: Attendee) -> Attendee:
    """Return an attendee with role and answer in upper case, as they are compared."""
    return Attendee(attendee.email, attendee.name, attendee.role.upper(), attendee.partstat.upper())


def guest_among(invited: Iterable[Attendee], guest: Guest) -> tuple[Guest, str | None]:
    """Return the guest with the name in the guest's ATTENDEE, and its answer as written; None without one."""
    for attendee in invited:
        if guest.email and attendee.email.casefold() == guest.email.casefold():
            return msgspec.structs.replace(guest, name=attendee.name), attendee.partstat
    return guest, None


def attendee_lines(event: Event) -> list[vCalAddress]:
    """Return the ATTENDEE values of an event, in its order."""
    lines = event.get("ATTENDEE", [])
    return lines if isinstance(lines, list) else [lines]


def address_of(line: bytes) -> str | None:
    """Return the address, in lower case, of an unfolded ATTENDEE line; None for any other line."""
    if (name := name_of(line)) != b"ATTENDEE":
        return None
    value = value_of(line[len(name) :]).decode("utf-8", "replace").strip()
    return mailbox(value, parameters(line).get("EMAIL", "")).casefold()


def mailbox(value: str, email: str) -> str:
    """Return an attendee's address: a mailto URI, else the EMAIL parameter (RFC 7986 §6.2), else the value.

    Calendar servers write `ATTENDEE;EMAIL=ann@example.com:urn:uuid:…`.
    """
    address = _MAILTO.sub("", value)
    return address if address != value or not email else email


def parameters(line: bytes) -> dict[str, str]:
    """Return the parameters of an unfolded content line: names in upper case, values without quotes."""
    return {own.name: own.value for own in read_parameters(line, len(name_of(line)))[0]}


def written_parameter(line: bytes, name: str) -> str:
    """Return the value of a parameter (name in upper case) as an unfolded line has it, with its quotes."""
    for own in read_parameters(line, len(name_of(line)))[0]:
        if own.name == name:
            return own.written.partition(b"=")[2].decode("utf-8", "replace")
    return ""


def with_parameters(line: bytes, values: Mapping[str, str]) -> bytes:
    """Return an unfolded content line with parameters set and nothing else changed.

    Names are in upper case, values as they are written.
    """
    start = len(name_of(line))
    written, end = read_parameters(line, start)
    pending = {name: f";{name}={value}".encode() for name, value in values.items()}
    pieces = [pending.pop(own.name, own.written) for own in written]
    return b"".join([line[:start], *pieces, *pending.values(), line[end:]])


_MAILTO = re.compile("^mailto:", re.IGNORECASE)
