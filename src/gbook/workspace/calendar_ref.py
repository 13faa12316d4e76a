"""A calendar of an account, as gbook.yaml names it.

The descriptions of the fields make the reference of gbook.yaml in docs/.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from gbook.errors import Problem
from gbook.yamlfiles.base_model import Model
from gbook.yamlfiles.field_types import Line, Name, Url
from gbook.yamlfiles.quoting import quote

__all__ = ["CalendarRef", "is_address", "read_calendar"]

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
