"""The VEVENT of a booking (RFC 5545 §3.6.1), built with icalendar.

X-GBOOK-* properties keep what gbook needs to know later, so that the calendar is the only database.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec

from gbook import PRODID
from gbook.calendars.ics.gbook_properties import GbookProperties, write_properties
from gbook.profiles.model import Profile
from gbook.profiles.rooms import accounts_in
from gbook.profiles.template import LINKS, Filled, builtin_of, fields, fill, substitute, variables
from gbook.text import one_line, printable
from gbook.timeutil.instants import local
from gbook.timeutil.repeats import Repeat
from gbook.workspace.config import Account

if TYPE_CHECKING:
    from icalendar import Event

__all__ = [
    "Draft",
    "Guest",
    "blank_fields",
    "build_event",
    "calendar_bytes",
    "event_bytes",
    "key_uid",
]

ACCEPTED = {"PARTSTAT": "ACCEPTED", "RSVP": "FALSE"}
ASKED = {"PARTSTAT": "NEEDS-ACTION", "RSVP": "TRUE"}
_KEYS = uuid.UUID("5a2f5c1e-6b6f-4d43-9a57-1f0c8f6d7a10")


class Guest(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """The person who asks for the meeting, or an invitee; without an e-mail address no invitation is sent.

    `zone` is the name of the guest's time zone, if known.
    """

    name: str | None = None
    email: str | None = None
    zone: str | None = None


@dataclass(frozen=True, kw_only=True)
class Draft:
    """Everything an event is built from. `start`, `end`, `now` and `expires` are instants."""

    uid: str
    profile: Profile
    start: int
    end: int
    accounts: Sequence[Account]
    group: str | None
    optional: Sequence[Account]
    guest: Guest
    invitees: Sequence[Guest]
    fields: Mapping[str, str]
    conference_url: str
    zone: ZoneInfo
    now: int
    sequence: int = 0
    # When a reservation expires, and the proposal that it is part of.
    expires: int | None = None
    proposal: str | None = None
    # The fields that the guest of a reservation must still give on confirming.
    needs: Sequence[str] = ()
    # The start that was asked for with a key.
    asked: int | None = None
    # The start and end before the last change of time.
    moved_from: tuple[int, int] | None = None
    # How many people its rooms must have seats for.
    people: int | None = None
    # Whether the accounts get copies (gbook.yaml: deliver).
    copies: bool = True
    # The texts that were given for this event; the profile has them already.
    texts_given: Mapping[str, str] = field(default_factory=dict)
    # The lowest SEQUENCE whose replies count; None: only its own.
    replies_from: int | None = None
    # How it recurs, on the wall clock of `zone`; None: it does not.
    repeat: Repeat | None = None
    # The values of the variables in LINKS, for a UID; called only if a text uses one.
    links: Callable[[str], Mapping[str, str]] | None = None

    @property
    def starts(self) -> list[int]:
        """The start of each date: of a series also of those that are skipped."""
        return self.repeat.starts(self.start, self.zone) if self.repeat else [self.start]

    @property
    def host(self) -> Account:
        """The account that organizes the meeting."""
        return self.accounts[0]

    def is_accepted_by(self, account: Account) -> bool:
        """Return whether an account accepts on booking: its own setting, else whether it gets a copy."""
        gets_copy = self.copies and not account.is_invited_by_mail
        return gets_copy if account.auto_accept is None else account.auto_accept

    @property
    def buffers(self) -> tuple[int, int] | None:
        """The minutes kept free before and after it; None for none."""
        buffers = self.profile.buffer_before_minutes, self.profile.buffer_between_minutes
        return buffers if any(buffers) else None

    @property
    def conference(self) -> str | None:
        """The link of the online conference (API keys startConference, openMeetingUrl), or None."""
        if not self.profile.start_conference:
            return None
        if self.profile.open_meeting_url:
            return self.profile.open_meeting_url
        return substitute(self.conference_url, {"id": self.uid.partition("@")[0]})

    @property
    def rooms(self) -> str:
        """The names of the rooms that were chosen."""
        chosen = accounts_in(self.profile, self.accounts)
        return ", ".join(account.display_name for account in chosen if account.kind == "room")

    @property
    def texts(self) -> Filled:
        """Subject, description and location, filled in. Raises UsageError for missing or unknown fields.

        Fields that a reservation still lacks are empty until it is confirmed.
        """
        given = self.fields if self.expires is None else {**blank_fields(self.profile), **self.fields}
        filled = fill(self.profile, given, self._builtin())
        if self.rooms and "room" not in variables(self.profile.location):
            filled = filled._replace(location=", ".join(filter(None, (filled.location, self.rooms))))
        return _with_link(filled, self.conference)

    def _builtin(self) -> dict[str, str]:
        links = self.links(self.uid) if self.links and LINKS & builtin_of(self.profile) else {}
        return {
            **links,
            "name": self.guest.name or "",
            "email": self.guest.email or "",
            "start": f"{local(self.start, self.zone):%Y-%m-%d %H:%M %Z}",
            "end": f"{local(self.end, self.zone):%Y-%m-%d %H:%M %Z}",
            "host": self.host.display_name,
            "openMeetingUrl": self.conference or self.profile.open_meeting_url or "",
            "room": self.rooms,
            "id": self.uid,
        }


def _with_link(texts: Filled, link: str | None) -> Filled:
    """Return the texts with the conference's link in one of them, for programs that show no CONFERENCE."""
    if not link or any(link in text for text in texts):
        return texts
    if not texts.location:
        return texts._replace(location=link)
    return texts._replace(description=f"{texts.description}\n\nJoin: {link}".strip())


def blank_fields(profile: Profile) -> dict[str, str]:
    """Return the fields that a guest must give, each empty."""
    return {field.name: "" for field in fields(profile) if field.default is None}


def key_uid(profile: Profile, key: str) -> str:
    """Return the UID that `--key` gives a booking: one key of a profile is always the same booking."""
    return f"{uuid.uuid5(_KEYS, f'{profile.name}:{key}')}@gbook"


def build_event(draft: Draft) -> Event:
    """Return the event of a booking, or of a reservation if the draft expires."""
    from icalendar import Event

    event = Event()
    for name, value in _standard_properties(draft).items():
        if value != "":
            event.add(name, value)
    for attendee in _attendees(draft):
        event.add("ATTENDEE", attendee)
    if link := draft.conference:
        event.add("CONFERENCE", link, parameters={"VALUE": "URI", "FEATURE": "VIDEO"})
        event.add("URL", link)
    for name, text in _own_properties(draft).items():
        event.add(name, text)
    return event


def _standard_properties(draft: Draft) -> dict[str, object]:
    """Return the properties that an event has once, in its order; those with an empty value are left out."""
    stamp = _utc(draft.now)
    zone = draft.zone if draft.repeat and draft.zone.key != "UTC" else UTC
    subject, description, location = (printable(text) for text in draft.texts)
    return {
        "UID": draft.uid,
        "DTSTAMP": stamp,
        "CREATED": stamp,
        "LAST-MODIFIED": stamp,
        "SEQUENCE": draft.sequence,
        "DTSTART": local(draft.start, zone),
        "DTEND": local(draft.end, zone),
        **_recurrence(draft, zone),
        "SUMMARY": subject,
        "DESCRIPTION": description,
        "LOCATION": location,
        "STATUS": "TENTATIVE" if draft.expires is not None else "CONFIRMED",
        "TRANSP": "OPAQUE",
        "ORGANIZER": _address(Guest(draft.host.name, draft.host.email)),
    }


def _recurrence(draft: Draft, zone: tzinfo) -> dict[str, object]:
    """Return the rule of a series, and the starts of the dates that it skips (RFC 5545 §3.8.5)."""
    if draft.repeat is None:
        return {}
    from icalendar import vRecur

    skipped = [local(draft.starts[position], zone) for position in draft.repeat.skipped]
    return {"RRULE": vRecur.from_ical(draft.repeat.rule), **({"EXDATE": skipped} if skipped else {})}


def _own_properties(draft: Draft) -> dict[str, str]:
    own = GbookProperties(
        profile=draft.profile.name,
        host=draft.host.id,
        accounts=[account.id for account in draft.accounts],
        buffers=draft.buffers,
        group=draft.group,
        guest_email=draft.guest.email,
        guest_name=one_line(draft.guest.name or ""),
        guest_zone=draft.guest.zone,
        fields=draft.fields,
        expires=draft.expires,
        asked=draft.asked,
        moved_from=draft.moved_from,
        needs=draft.needs,
        proposal=draft.proposal,
        texts=draft.texts_given,
        replies_from=draft.replies_from,
        people=draft.people,
        seats=draft.profile.seats,
    )
    return write_properties(own)


def _attendees(draft: Draft) -> list[object]:
    """Return the ATTENDEE values: chosen accounts as accepted or asked, optional ones and guests as asked."""
    values = [
        _address(
            Guest(account.name, account.email),
            **_user_type(account),
            ROLE="REQ-PARTICIPANT" if number else "CHAIR",
            **(ACCEPTED if not number or draft.is_accepted_by(account) else ASKED),
        )
        for number, account in enumerate(accounts_in(draft.profile, draft.accounts))
    ]
    values += [
        _address(
            Guest(account.name, account.email),
            **_user_type(account),
            ROLE="OPT-PARTICIPANT",
            **ASKED,
        )
        for account in draft.optional
    ]
    known = {account.email.casefold() for account in (*draft.accounts, *draft.optional)}
    for guest in (draft.guest, *draft.invitees):
        if guest.email and guest.email.casefold() not in known:
            known.add(guest.email.casefold())
            values.append(_address(guest, ROLE="REQ-PARTICIPANT", **ASKED))
    return values


def _user_type(account: Account) -> dict[str, str]:
    """Return CUTYPE (RFC 5545 §3.2.3), for all but people."""
    return {} if account.kind == "person" else {"CUTYPE": account.kind.upper()}


def _address(person: Guest, **parameters: str) -> object:
    from icalendar import vCalAddress

    address = vCalAddress(f"mailto:{person.email}")
    if name := one_line(person.name or ""):
        address.params["CN"] = name
    address.params.update(parameters)
    return address


def event_bytes(event: Event) -> bytes:
    """Return the VEVENT as folded lines that end with CRLF."""
    data: bytes = event.to_ical(sorted=False)
    return data


def calendar_bytes(*components: bytes, method: str | None = None) -> bytes:
    """Return an iCalendar object around components: an item of a vdir, or a message (`method`, RFC 5546)."""
    head = [b"BEGIN:VCALENDAR", b"VERSION:2.0", f"PRODID:{PRODID}".encode()]
    if method:
        head.append(f"METHOD:{method}".encode())
    return b"\r\n".join([*head, b"".join(components) + b"END:VCALENDAR", b""])


def _utc(instant: int) -> datetime:
    return local(instant, UTC)
