"""gbook's own properties (X-GBOOK-*, RFC 5545 §3.8.8.2), which keep bookings in the calendars alone.

No other module spells, writes or parses them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, tzinfo
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlencode

from gbook.calendars.ics.values import read_date_time
from gbook.timeutil.instants import local
from gbook.timeutil.zones import UnknownZone, find_zone

__all__ = [
    "ACCOUNTS",
    "ASKED",
    "BUFFERS",
    "EXPIRES",
    "FIELDS",
    "GROUP",
    "GUEST",
    "GUEST_ZONE",
    "HOLD",
    "HOST",
    "MOVED_FROM",
    "NAMES",
    "NEEDS",
    "PEOPLE",
    "PROFILE",
    "PROPOSAL",
    "REPLIES_FROM",
    "SEATS",
    "TEXTS",
    "GbookProperties",
    "format_utc",
    "known_zone",
    "read_properties",
    "write_properties",
]

# The mark: each event that gbook writes has this property.
PROFILE = "X-GBOOK-PROFILE"
HOST = "X-GBOOK-HOST"
ACCOUNTS = "X-GBOOK-ACCOUNTS"
BUFFERS = "X-GBOOK-BUFFERS"
GROUP = "X-GBOOK-GROUP"
GUEST = "X-GBOOK-GUEST"
GUEST_ZONE = "X-GBOOK-TZ"
FIELDS = "X-GBOOK-FIELDS"
EXPIRES = "X-GBOOK-EXPIRES"
HOLD = "X-GBOOK-HOLD"
ASKED = "X-GBOOK-ASKED"
MOVED_FROM = "X-GBOOK-MOVED-FROM"
NEEDS = "X-GBOOK-NEEDS"
PEOPLE = "X-GBOOK-PEOPLE"
PROPOSAL = "X-GBOOK-PROPOSAL"
REPLIES_FROM = "X-GBOOK-REPLIES-FROM"
TEXTS = "X-GBOOK-TEXTS"
SEATS = "X-GBOOK-SEATS"
NAMES = (
    *(PROFILE, HOST, ACCOUNTS, BUFFERS, GROUP, GUEST, GUEST_ZONE, FIELDS),
    *(EXPIRES, HOLD, ASKED, MOVED_FROM, NEEDS, PEOPLE, PROPOSAL, SEATS, TEXTS, REPLIES_FROM),
)

# The mark of a meeting that has no profile: no profile has this name, and no program drops it as empty.
_NO_PROFILE = "*"

# No profile keeps more than a week free around its meetings (minutes).
MAX_BUFFER = 7 * 24 * 60


class GbookProperties(NamedTuple):
    """The values of gbook's own properties in one event. Times are instants."""

    # Empty for a meeting without a profile.
    profile: str
    host: str = ""
    # The ids of the accounts that take part.
    accounts: Sequence[str] = ()
    # Minutes kept free before and after the meeting; None if the event does not say.
    buffers: tuple[int, int] | None = None
    # The group that was booked.
    group: str | None = None
    # An event has the guest's address, or the name of a guest without one.
    guest_email: str | None = None
    guest_name: str | None = None
    # The IANA name of the zone in which the guest reads times.
    guest_zone: str | None = None
    # The guest's values for the variables of the profile's texts.
    fields: Mapping[str, str] = {}
    # When a reservation expires.
    expires: int | None = None
    # The id of the attempt that holds the time for a moment, on a server, to book it; None for a booking.
    hold: str | None = None
    # The start that was asked for with a key.
    asked: int | None = None
    # The start and end before the last change of time.
    moved_from: tuple[int, int] | None = None
    # The fields that a reservation still lacks.
    needs: Sequence[str] = ()
    # The id of the proposal that a reservation belongs to.
    proposal: str | None = None
    # The subject, location and note that were given for this event, with their variables.
    texts: Mapping[str, str] = {}
    # The lowest SEQUENCE whose replies count; None: only that of the event.
    replies_from: int | None = None
    # How many people its rooms must have seats for.
    people: int | None = None
    # How many guests can share its time; None for one guest.
    seats: int | None = None


def format_utc(instant: int) -> str:
    """Return an instant as a DATE-TIME in UTC (§3.3.5, form 2): `20261124T140000Z`."""
    return f"{local(instant, UTC):%Y%m%dT%H%M%SZ}"


def write_properties(own: GbookProperties) -> dict[str, str]:
    """Return the text of each property that `own` has a value for, by name, in the order of the event.

    Lists and fields are percent-encoded: calendar programs differ in how they handle escaped characters.
    """
    guest = f"mailto:{own.guest_email}" if own.guest_email else own.guest_name
    texts = {
        PROFILE: own.profile or _NO_PROFILE,
        HOST: own.host,
        ACCOUNTS: " ".join(own.accounts),
        BUFFERS: "{} {}".format(*own.buffers) if own.buffers else None,
        GROUP: own.group,
        GUEST: guest or None,
        GUEST_ZONE: own.guest_zone or None,
        FIELDS: urlencode(own.fields) or None,
        EXPIRES: None if own.expires is None else format_utc(own.expires),
        HOLD: own.hold,
        ASKED: None if own.asked is None else format_utc(own.asked),
        MOVED_FROM: "/".join(map(format_utc, own.moved_from)) if own.moved_from else None,
        NEEDS: " ".join(map(quote, own.needs)) or None,
        PROPOSAL: own.proposal,
        TEXTS: urlencode(own.texts) or None,
        REPLIES_FROM: None if own.replies_from is None else str(own.replies_from),
        PEOPLE: None if own.people is None else str(own.people),
        SEATS: None if own.seats is None else str(own.seats),
    }
    return {name: text for name, text in texts.items() if text is not None}


def read_properties(
    text: Callable[[str], str | None], zone: tzinfo = UTC
) -> tuple[GbookProperties, list[str]]:
    """Return the properties of an event, and what is wrong with those that cannot be read.

    `text` returns the unescaped value of a property by name, or None. A time without a zone is in `zone`.
    """
    faults: list[str] = []

    def times(name: str) -> list[int]:
        try:
            written = text(name)
            return (
                [] if written is None else [read_date_time(part, zone).instant for part in written.split("/")]
            )
        except (ValueError, OverflowError) as error:
            faults.append(f"{name} cannot be read ({error})")
            return []

    guest = text(GUEST) or ""
    has_address = guest.startswith("mailto:")
    own = GbookProperties(
        profile=(text(PROFILE) or "").removeprefix(_NO_PROFILE),
        host=text(HOST) or "",
        accounts=tuple((text(ACCOUNTS) or "").split()),
        buffers=_read_buffers(text(BUFFERS) or ""),
        group=text(GROUP),
        guest_email=guest.removeprefix("mailto:") if has_address else None,
        guest_name=None if has_address else guest or None,
        guest_zone=known_zone(text(GUEST_ZONE)),
        fields=dict(parse_qsl(text(FIELDS) or "", keep_blank_values=True)),
        expires=next(iter(times(EXPIRES)), None),
        hold=text(HOLD),
        asked=next(iter(times(ASKED)), None),
        moved_from=_pair(times(MOVED_FROM)),
        needs=[unquote(name) for name in (text(NEEDS) or "").split()],
        proposal=text(PROPOSAL),
        texts=dict(parse_qsl(text(TEXTS) or "", keep_blank_values=True)),
        replies_from=_read_number(text(REPLIES_FROM) or ""),
        people=_read_number(text(PEOPLE) or ""),
        seats=_read_number(text(SEATS) or ""),
    )
    return own, faults


def _pair(times: Sequence[int]) -> tuple[int, int] | None:
    return (times[0], times[1]) if len(times) == 2 else None


def _read_number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _read_buffers(text: str) -> tuple[int, int] | None:
    """Return the minutes before and after a meeting, written as `0 15`; None for any other text."""
    numbers = [int(part) for part in text.split() if part.isdecimal() and len(part) < 10]
    if len(numbers) != 2 or len(text.split()) != 2 or max(numbers) > MAX_BUFFER:
        return None
    return numbers[0], numbers[1]


def known_zone(name: str | None) -> str | None:
    """Return the IANA name of a zone, given in upper or lower case; None for no name and an unknown one."""
    try:
        return find_zone(name).key if name else None
    except UnknownZone:
        return None
