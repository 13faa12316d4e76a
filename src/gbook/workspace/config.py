"""The models of gbook.yaml: accounts, their calendars, mail and hooks.

The descriptions of the fields make the reference of gbook.yaml in docs/.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from gbook.errors import Problem, did_you_mean
from gbook.workspace.preferences import Preferences
from gbook.workspace.server import Server
from gbook.workspace.work_hours import WorkHours
from gbook.yamlfiles import MEBIBYTE
from gbook.yamlfiles.base_model import Model
from gbook.yamlfiles.field_types import AccountId, Color, Email, Line, Name, Url, Zone
from gbook.yamlfiles.quoting import quote

__all__ = [
    "CONFIG_LIMIT",
    "CONFIG_NAME",
    "Account",
    "CalendarRef",
    "Config",
    "Hooks",
    "Mail",
    "is_address",
    "read_calendar",
]

CONFIG_NAME = "gbook.yaml"
CONFIG_LIMIT = 16 * MEBIBYTE
# How the address of a calendar begins.
ADDRESSES = ("https://", "http://", "webcal://", "webcals://")
BusyOrFree = Literal["busy", "free"]


def _read_length(value: Any) -> str:
    """Return a length of time as it is written, such as `24h`. Raises ValueError."""
    from gbook.timeutil.periods import period_minutes

    if not isinstance(value, str) or period_minutes(value) < 1:
        raise ValueError(f"expected a length of time such as 24h or 2d, found {quote(value)}")
    return value


class CalendarRef(Model, frozen=True, kw_only=True):
    """A calendar of an account, and which of its events block: a `path`, a `url` or a `urlCommand`."""

    path: Annotated[
        Annotated[Line, Meta(min_length=1)] | None,
        Meta(description="An .ics file or a vdir folder, relative to gbook.yaml."),
    ] = None
    url: Annotated[
        Url | None,
        Meta(
            description="A feed: an .ics file on a web server, which is only read; with `server`, a calendar "
            "on a CalDAV server."
        ),
    ] = None
    url_command: Annotated[
        tuple[str, ...] | None,
        Meta(description="Program, with its arguments, that prints the address of a feed."),
    ] = None
    server: Annotated[Name | None, Meta(description="Server of the `url`, from `servers`.")] = None
    concurrency: Annotated[
        Literal["atomic", "cooperative"],
        Meta(
            description="How bookings on a CalDAV server keep apart: by conditions of writes, or, where the "
            "server ignores them, by giving way; then no other program may book in it."
        ),
    ] = "atomic"
    max_age: Annotated[
        str,
        Meta(
            description="How long a feed that cannot be reached is used; then the account is never free.",
            extra={"read": _read_length},
        ),
    ] = "24h"
    blocking: Annotated[
        Literal["transp", "always", "never"],
        Meta(description="Which events block: as each event says (TRANSP), all, or none."),
    ] = "transp"
    all_day: Annotated[BusyOrFree, Meta(description="Whether all-day events block.")] = "busy"
    tentative: Annotated[BusyOrFree, Meta(description="Whether tentative events block.")] = "busy"
    unanswered: Annotated[BusyOrFree, Meta(description="Whether unanswered invitations block.")] = "busy"
    travel: Annotated[BusyOrFree, Meta(description="Whether Apple's travel time before an event blocks.")] = (
        "busy"
    )
    readonly: Annotated[bool, Meta(description="gbook never writes to it; always so for a feed.")] = False

    def __post_init__(self) -> None:
        if self.is_feed and not self.readonly:
            msgspec.structs.force_setattr(self, "readonly", True)

    @property
    def is_feed(self) -> bool:
        """It is an .ics file on a web server, which is only read."""
        return self.url_command is not None or (self.url is not None and self.server is None)

    @property
    def is_remote(self) -> bool:
        """It is on a server."""
        return self.url is not None or self.url_command is not None

    @property
    def shown(self) -> str:
        """How messages and documents name it: its path; of a feed, whose address may be secret, the host."""
        if self.path is not None:
            return self.path
        if self.url is None:
            return f"urlCommand {(self.url_command or ('',))[0]}"
        return self.url.split("/")[2] if self.is_feed else self.url

    def check(self) -> Iterator[Problem]:
        """Yield a problem unless it is in exactly one place, and for keys that do not belong there."""
        places = {"path": self.path, "url": self.url, "urlCommand": self.url_command}
        if len(given := [key for key, place in places.items() if place is not None]) != 1:
            found = " and ".join(given) or "none"
            key = given[-1] if given else None
            yield Problem(f"expected one of path, url and urlCommand, found {found}", key=key)
        if self.url_command == ():
            yield Problem("expected a program and its arguments, found an empty list", key="urlCommand")
        if self.server is not None and self.url is None:
            yield Problem("server belongs to a calendar with a url", key="server")
        if self.is_feed and self.url is not None:
            yield from _unsafe(self.url)
        if self.path is not None and is_address(self.path):
            yield Problem("expected a path; give an address as url", key="path")


def _unsafe(url: str) -> Iterator[Problem]:
    """Yield a problem if a feed would be read without TLS from another machine."""
    from gbook.urls import feed_address

    try:
        feed_address(url)
    except ValueError as error:
        yield Problem(str(error), key="url")


def is_address(text: str) -> bool:
    """Return whether the text of a calendar is an address, not a path."""
    return text.lower().startswith(ADDRESSES)


def read_calendar(value: Any) -> Any:
    """Return the keys of a calendar that gbook.yaml names by its path or address alone."""
    if not isinstance(value, str):
        return value
    return {"url" if is_address(value) else "path": value}


class Account(Model, frozen=True, kw_only=True):
    """A person, room or resource. Its first calendar is the primary one: bookings go there."""

    id: Annotated[AccountId, Meta(description="Short name, or an integer as in the API.")]
    name: Annotated[Line | None, Meta(description="Displayed name; default: the id.")] = None
    email: Annotated[Email, Meta(description="E-mail address; identifies the account among attendees.")]
    kind: Annotated[
        Literal["person", "room", "resource"],
        Meta(description="Kind of account; a room or resource (a projector, a car) never hosts a meeting."),
    ] = "person"
    capacity: Annotated[
        Annotated[int, Meta(ge=1)] | None,
        Meta(description="Number of people that a room or resource is for; makes a person a room."),
    ] = None
    features: Annotated[
        tuple[Annotated[Line, Meta(min_length=1)], ...],
        Meta(description="What a room or resource has, such as screen; makes a person a room."),
    ] = ()
    timezone: Annotated[Zone | None, Meta(description="IANA zone; default: the profile's.")] = None
    calendars: Annotated[
        tuple[Annotated[CalendarRef, Meta(extra={"read": read_calendar})], ...],
        Meta(description="Its calendars; the first is the primary one."),
    ] = ()
    work_hours: Annotated[WorkHours | None, Meta(description="Hours in which the account can be booked.")] = (
        None
    )
    prefer: Annotated[Preferences | None, Meta(description="Times that the account prefers.")] = None
    auto_accept: Annotated[
        bool | None,
        Meta(
            description="Whether bookings count as accepted, or the account is invited and has to reply; "
            "default: accepted if gbook delivers a copy."
        ),
    ] = None
    deliver: Annotated[
        Literal["copy", "mail"],
        Meta(
            description="Write its bookings to its primary calendar, or invite it by mail: its calendars are "
            "then only read, and it never hosts."
        ),
    ] = "copy"
    max_bookings_per_day: Annotated[
        Annotated[int, Meta(ge=1)] | None,
        Meta(description="Maximum number of bookings per day, of all profiles together, in its own zone."),
    ] = None
    max_bookings_per_week: Annotated[
        Annotated[int, Meta(ge=1)] | None, Meta(description="The same per week, Monday to Sunday.")
    ] = None
    max_bookings_per_month: Annotated[
        Annotated[int, Meta(ge=1)] | None, Meta(description="The same per month of the calendar.")
    ] = None

    def __post_init__(self) -> None:
        if self.kind == "person" and (self.capacity or self.features):
            msgspec.structs.force_setattr(self, "kind", "room")

    @property
    def display_name(self) -> str:
        """The name, or the id if there is none."""
        return self.name or self.id

    @property
    def primary(self) -> CalendarRef | None:
        """The calendar to which bookings are written."""
        return self.calendars[0] if self.calendars else None

    @property
    def is_writable(self) -> bool:
        """Bookings can be written to the primary calendar."""
        return self.primary is not None and not self.primary.readonly and not self.is_invited_by_mail

    @property
    def is_invited_by_mail(self) -> bool:
        """The calendars of the account are only read; the events of hosts take its time."""
        return self.deliver == "mail"

    def is_foreign(self, calendar: CalendarRef) -> bool:
        """Return whether only others write a calendar of the account, such as a feed."""
        return self.is_invited_by_mail or calendar.is_feed

    @property
    def can_host(self) -> bool:
        """The account can host a booking: it is a person with a writable calendar."""
        return self.kind == "person" and self.is_writable

    def check(self) -> Iterator[Problem]:
        """Yield a problem for each calendar that is listed twice."""
        places: set[tuple[str | None, str | None, tuple[str, ...] | None]] = set()
        for i, calendar in enumerate(self.calendars):
            place = calendar.path, calendar.url, calendar.url_command
            if place in places:
                yield Problem(f"calendar {calendar.shown!r} is listed twice", key=f"calendars[{i}]")
            places.add(place)


class Mail(Model, frozen=True, kw_only=True):
    """The server for sending invitations."""

    host: Annotated[Line, Meta(description="SMTP server.", min_length=1)]
    port: Annotated[
        Annotated[int, Meta(ge=1, le=65535)] | None,
        Meta(description="Default: 587, with tls 465, with none 25."),
    ] = None
    security: Annotated[
        Literal["starttls", "tls", "none"], Meta(description="How the connection is encrypted.")
    ] = "starttls"
    username: Annotated[Line | None, Meta(description="User name.")] = None
    password_command: Annotated[
        tuple[str, ...] | None, Meta(description="Program, with its arguments, that prints the password.")
    ] = None
    sender: Annotated[Email | None, Meta(description="Sender; default: the host of the meeting.")] = (
        msgspec.field(default=None, name="from")
    )


class Hooks(Model, frozen=True, kw_only=True):
    """Programs that run around a booking; each is a list of arguments, never a shell line."""

    pre_book: Annotated[
        tuple[str, ...] | None, Meta(description="Before a booking; if it fails, nothing is booked.")
    ] = None
    post_book: Annotated[tuple[str, ...] | None, Meta(description="After a booking.")] = None
    post_cancel: Annotated[tuple[str, ...] | None, Meta(description="After a cancellation.")] = None
    post_reschedule: Annotated[tuple[str, ...] | None, Meta(description="After a reschedule.")] = None
    timeout: Annotated[int, Meta(ge=1, le=3600, description="Time limit of each program, in seconds.")] = 30


class Config(Model, frozen=True, kw_only=True):
    """The content of gbook.yaml."""

    default_profile: Annotated[Name | None, Meta(description="Profile to use if a command names none.")] = (
        None
    )
    timezone: Annotated[Zone | None, Meta(description="Default time zone; without it, the system's.")] = None
    primary_color: Annotated[Color, Meta(description="First colour of a booking page.")] = "#303030"
    secondary_color: Annotated[Color, Meta(description="Second colour of a booking page.")] = "#30A9EE"
    conference_url: Annotated[
        Line, Meta(description="Link of a new online conference; {{id}} is replaced by a random id.")
    ] = "https://meet.jit.si/{{id}}"
    deliver: Annotated[
        Literal["copies", "host"],
        Meta(description="Write a booking to the calendars of all chosen accounts, or only to the host's."),
    ] = "copies"
    servers: Annotated[tuple[Server, ...], Meta(description="CalDAV servers of calendars.")] = ()
    accounts: Annotated[tuple[Account, ...], Meta(description="People and rooms.")] = ()
    mail: Annotated[Mail | None, Meta(description="Server for invitations; without it none are sent.")] = None
    hooks: Annotated[Hooks, Meta(description="Programs to run around a booking.")] = msgspec.field(
        default_factory=Hooks
    )

    def check(self) -> Iterator[Problem]:
        """Yield a problem for each id that is listed twice, and for an account without a mail server."""
        yield from _repeated("server", [server.id for server in self.servers])
        yield from _repeated("account", [account.id for account in self.accounts])
        servers = {server.id for server in self.servers}
        for i, account in enumerate(self.accounts):
            for j, calendar in enumerate(account.calendars):
                if calendar.server is not None and calendar.server not in servers:
                    near = did_you_mean(calendar.server, servers)
                    problem = f"no server {calendar.server!r} in servers{near}"
                    yield Problem(problem, key=f"accounts[{i}].calendars[{j}].server")
            if account.is_invited_by_mail and self.mail is None:
                message = (
                    f"account {account.id} is invited by mail, which needs a server: "
                    "add `mail: {host: smtp.example.com}`"
                )
                yield Problem(message, key=f"accounts[{i}].deliver")


def _repeated(kind: str, ids: Sequence[str]) -> Iterator[Problem]:
    known: set[str] = set()
    for i, each in enumerate(ids):
        if each in known:
            yield Problem(f"{kind} {each!r} is listed twice", key=f"{kind}s[{i}].id")
        known.add(each)
