"""The models of gbook.yaml: accounts, their calendars, mail and hooks.

The descriptions of the fields make the reference of gbook.yaml in docs/.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from gbook.errors import Problem, did_you_mean
from gbook.workspace.calendar_ref import CalendarRef, read_calendar
from gbook.workspace.numbers import LARGEST_NUMBER, number_of
from gbook.workspace.preferences import Preferences
from gbook.workspace.serve import Serve
from gbook.workspace.server import Server
from gbook.workspace.work_hours import WorkHours
from gbook.yamlfiles import MEBIBYTE
from gbook.yamlfiles.base_model import Model
from gbook.yamlfiles.field_types import AccountId, Color, Email, Line, Name, Zone

__all__ = [
    "CONFIG_LIMIT",
    "CONFIG_NAME",
    "Account",
    "Config",
    "Hooks",
    "Mail",
]

CONFIG_NAME = "gbook.yaml"
CONFIG_LIMIT = 16 * MEBIBYTE


class Account(Model, frozen=True, kw_only=True):
    """A person, room or resource. Its first calendar is the primary one: bookings go there."""

    id: Annotated[AccountId, Meta(description="Short name, or an integer as in the API.")]
    number: Annotated[
        Annotated[int, Meta(ge=0, le=LARGEST_NUMBER)] | None,
        Meta(description="Number by which API clients name it, if the id is none; `account add` gives one."),
    ] = None
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
        """Yield a problem for a number that differs from the id, and for calendars that are listed twice."""
        if self.number is not None and self.number != number_of(self):
            yield Problem(
                f"expected {self.id}, the id, which is a number too, found {self.number}", key="number"
            )
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
    serve: Annotated[Serve, Meta(description="How clients reach `gbook serve`.")] = msgspec.field(
        default_factory=Serve
    )

    def check(self) -> Iterator[Problem]:
        """Yield a problem for each id or number used twice, and for an account that needs a mail server."""
        yield from _repeated("server", [server.id for server in self.servers])
        yield from _repeated("account", [account.id for account in self.accounts])
        yield from _repeated_numbers(self.accounts)
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

    def missing_for_links(self) -> Iterator[Problem]:
        """Yield a problem for each key that is missing to mail links to guests: `mail`, `serve.baseUrl`.

        A link never begins with the address of a request, which a forged Host header could say.
        """
        if self.mail is None:
            message = (
                "links are sent by mail, which needs a server: "
                "add `mail: {host: smtp.example.com}` to gbook.yaml"
            )
            yield Problem(message, key="mail")
        if self.serve.base_url is None:
            message = (
                "links begin with the public address of the service: add "
                "`serve: {baseUrl: https://book.example.com}` to gbook.yaml, or start it with --base-url"
            )
            yield Problem(message, key="serve.baseUrl")


def _repeated(kind: str, ids: Sequence[str]) -> Iterator[Problem]:
    known: set[str] = set()
    for i, each in enumerate(ids):
        if each in known:
            yield Problem(f"{kind} {each!r} is listed twice", key=f"{kind}s[{i}].id")
        known.add(each)


def _repeated_numbers(accounts: Sequence[Account]) -> Iterator[Problem]:
    owners: dict[int, str] = {}
    for i, account in enumerate(accounts):
        owner = owners.setdefault(number_of(account), account.id)
        if owner != account.id:
            message = f"accounts {owner} and {account.id} have the same number, {number_of(account)}"
            yield Problem(message, key=f"accounts[{i}].{'id' if account.number is None else 'number'}")
