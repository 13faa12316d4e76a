"""The models of gbook.yaml: accounts, their calendars, mail and hooks.

The descriptions of the fields make the reference of gbook.yaml in docs/.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from gbook.errors import Problem
from gbook.workspace.work_hours import WorkHours
from gbook.yamlfiles.base_model import Model
from gbook.yamlfiles.field_types import AccountId, Color, Email, Line, Name, Zone
from gbook.yamlfiles.parser import MEBIBYTE

__all__ = ["CONFIG_LIMIT", "CONFIG_NAME", "Account", "CalendarRef", "Config", "Hooks", "Mail"]

CONFIG_NAME = "gbook.yaml"
CONFIG_LIMIT = 16 * MEBIBYTE
BusyOrFree = Literal["busy", "free"]


class CalendarRef(Model, frozen=True, kw_only=True):
    """A calendar of an account: a path relative to gbook.yaml, and what its events mean."""

    path: Annotated[
        Line, Meta(description="An .ics file or a vdir folder, relative to gbook.yaml.", min_length=1)
    ]
    blocking: Annotated[
        Literal["transp", "always", "never"],
        Meta(description="Which events block: as each says (TRANSP), all of them, or none."),
    ] = "transp"
    all_day: Annotated[BusyOrFree, Meta(description="What all-day events are.")] = "busy"
    tentative: Annotated[BusyOrFree, Meta(description="What tentative events are.")] = "busy"
    unanswered: Annotated[BusyOrFree, Meta(description="What invitations without an answer are.")] = "busy"
    travel: Annotated[BusyOrFree, Meta(description="What the way to an event is (Apple's travel time).")] = (
        "busy"
    )
    readonly: Annotated[bool, Meta(description="Never written by gbook.")] = False


def _read_calendar(value: Any) -> Any:
    return {"path": value} if isinstance(value, str) else value


class Account(Model, frozen=True, kw_only=True):
    """A person or a room. The first calendar is the primary one: bookings go there."""

    id: Annotated[AccountId, Meta(description="Short name, or an integer as in the API.")]
    name: Annotated[Line | None, Meta(description="Name to show; default: the id.")] = None
    email: Annotated[Email, Meta(description="E-mail address; finds the account among an event's attendees.")]
    kind: Annotated[
        Literal["person", "room", "resource"],
        Meta(description="What it is; a room or resource (a projector, a car) never hosts a meeting."),
    ] = "person"
    timezone: Annotated[Zone | None, Meta(description="IANA zone; default: the profile's.")] = None
    calendars: Annotated[
        tuple[Annotated[CalendarRef, Meta(extra={"read": _read_calendar})], ...],
        Meta(description="Its calendars; the first is the primary one."),
    ] = ()
    work_hours: Annotated[
        WorkHours | None, Meta(description="Hours outside of which the account is not free.")
    ] = None
    auto_accept: Annotated[
        bool | None,
        Meta(
            description="Whether it has accepted what it is booked for, or is invited and answers; "
            "default: accepted where gbook delivers a copy."
        ),
    ] = None

    @property
    def display_name(self) -> str:
        return self.name or self.id

    @property
    def primary(self) -> CalendarRef | None:
        """The calendar that bookings are written to."""
        return self.calendars[0] if self.calendars else None

    @property
    def is_writable(self) -> bool:
        """Whether bookings can be written to its primary calendar."""
        return self.primary is not None and not self.primary.readonly

    @property
    def can_host(self) -> bool:
        """Whether it can be the host of a booking: a person with a calendar that gbook may write."""
        return self.kind == "person" and self.is_writable

    def check(self) -> Iterator[Problem]:
        seen: set[str] = set()
        for i, calendar in enumerate(self.calendars):
            if calendar.path in seen:
                yield Problem(f"calendar {calendar.path!r} is listed twice", key=f"calendars[{i}]")
            seen.add(calendar.path)


class Mail(Model, frozen=True, kw_only=True):
    """The server that invitations are sent through."""

    host: Annotated[Line, Meta(description="SMTP server.", min_length=1)]
    port: Annotated[
        Annotated[int, Meta(ge=1, le=65535)] | None,
        Meta(description="Default: 587, with tls 465, with none 25."),
    ] = None
    security: Annotated[
        Literal["starttls", "tls", "none"], Meta(description="How the connection is encrypted.")
    ] = "starttls"
    username: Annotated[Line | None, Meta(description="Name to log in with.")] = None
    password_command: Annotated[
        tuple[str, ...] | None, Meta(description="Program and arguments that print the password.")
    ] = None
    sender: Annotated[Email | None, Meta(description="Sender; default: the host of the meeting.")] = (
        msgspec.field(default=None, name="from")
    )


class Hooks(Model, frozen=True, kw_only=True):
    """Programs that run around a booking; each is a list of arguments, never a shell line."""

    pre_book: Annotated[
        tuple[str, ...] | None, Meta(description="Before a booking; a failure refuses it.")
    ] = None
    post_book: Annotated[tuple[str, ...] | None, Meta(description="After a booking.")] = None
    post_cancel: Annotated[tuple[str, ...] | None, Meta(description="After a cancellation.")] = None
    post_reschedule: Annotated[tuple[str, ...] | None, Meta(description="After a booking was moved.")] = None
    timeout: Annotated[int, Meta(ge=1, le=3600, description="Seconds a program may take.")] = 30


class Config(Model, frozen=True, kw_only=True):
    """What gbook.yaml says."""

    default_profile: Annotated[
        Name | None, Meta(description="Profile that is meant where none is named.")
    ] = None
    timezone: Annotated[Zone | None, Meta(description="Zone of the workspace; default: the system's.")] = None
    primary_color: Annotated[Color, Meta(description="First colour of a booking page.")] = "#303030"
    secondary_color: Annotated[Color, Meta(description="Second colour of a booking page.")] = "#30A9EE"
    conference_url: Annotated[
        Line, Meta(description="Link of a new online conference, {{id}} filled in.")
    ] = "https://meet.jit.si/{{id}}"
    deliver: Annotated[
        Literal["copies", "host"],
        Meta(
            description="Write a booking into the calendars of all chosen accounts, or only into the host's."
        ),
    ] = "copies"
    accounts: Annotated[tuple[Account, ...], Meta(description="People and rooms.")] = ()
    mail: Annotated[Mail | None, Meta(description="How invitations are sent; default: they are not.")] = None
    hooks: Annotated[Hooks, Meta(description="Programs to run around a booking.")] = msgspec.field(
        default_factory=Hooks
    )

    def check(self) -> Iterator[Problem]:
        seen: set[str] = set()
        for i, account in enumerate(self.accounts):
            if account.id in seen:
                yield Problem(f"account {account.id!r} is listed twice", key=f"accounts[{i}].id")
            seen.add(account.id)
