"""The calendars of a home collection (RFC 4791 §6.2.1), and what the server says of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gbook.dav.answers import GONE, is_a, multistatus_of, token_of
from gbook.dav.hrefs import absolute, as_collection
from gbook.dav.xml import Member, propfind, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gbook.dav.http import Client

__all__ = ["ServerCalendar", "calendars", "properties", "tokens"]

_SHOWN = (
    *("resourcetype", "displayname", "i:calendar-color", "c:supported-calendar-component-set"),
    *("current-user-privilege-set", "supported-report-set", "sync-token", "s:getctag"),
)
_WRITING = {"all", "write", "write-content", "bind"}


class ServerCalendar(NamedTuple):
    """A calendar of a server; `name` and `color` may be empty, `components` too: then it takes any."""

    url: str
    name: str
    color: str
    components: list[str]
    is_writable: bool
    has_sync: bool

    @property
    def takes_events(self) -> bool:
        """The calendar takes events; one of tasks does not."""
        return not self.components or "VEVENT" in self.components


def calendars(client: Client, home: str, depth: int = 1) -> list[ServerCalendar]:
    """Return the calendars in a home, sorted by URL; with depth 0, the calendar at this address.

    Raises Unreachable, LoginRefused, InvalidFile.
    """
    found = [
        _calendar(as_collection(str(absolute(home, member.href))), member)
        for member in properties(client, home, _SHOWN, depth)
        if is_a(member, "c:calendar")
    ]
    return sorted(found)


def tokens(client: Client, home: str) -> dict[str, str]:
    """Return the token of each calendar of a home by its URL, as `Collection.changes` gives it.

    An equal token means that nothing has changed. One request for all; a calendar without one is left out.
    """
    names = ("resourcetype", "sync-token", "s:getctag")
    members = [each for each in properties(client, home, names, depth=1) if is_a(each, "c:calendar")]
    found = {as_collection(str(absolute(home, member.href))): token_of(member) for member in members}
    return {url: token for url, token in found.items() if token}


def properties(client: Client, url: str, names: Sequence[str], depth: int) -> list[Member]:
    """Return properties of a collection, and with depth 1 those of its members (RFC 4918 §9.1)."""
    headers = {"content-type": 'application/xml; charset="utf-8"'}
    response = client.read("PROPFIND", url, headers=headers, body=propfind(names), depth=depth)
    members = multistatus_of(url, response).members
    return [member for member in members if member.status not in GONE]


def _calendar(url: str, member: Member) -> ServerCalendar:
    found = member.properties
    kinds = found.get("c:supported-calendar-component-set")
    rights = found.get("current-user-privilege-set")
    reports = found.get("supported-report-set")
    return ServerCalendar(
        url=url,
        name=text(found.get("displayname")),
        color=text(found.get("i:calendar-color")),
        components=[each.get("name", "").upper() for each in (kinds if kinds is not None else ())],
        is_writable=rights is None
        or bool(_WRITING & {right.tag.rpartition("}")[2] for right in rights.iter()}),
        has_sync=reports is not None and reports.find(".//{DAV:}sync-collection") is not None,
    )
