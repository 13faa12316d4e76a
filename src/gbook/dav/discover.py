"""Finding the calendars of a server (RFC 6764 §6, RFC 4791 §6.2): well-known address, principal, home.

It starts from any address that a person may have: a host, a home, a calendar. DNS is not asked (SRV).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from gbook.dav.answers import GONE, invalid_answer, is_a
from gbook.dav.home import ServerCalendar, calendars
from gbook.dav.hrefs import absolute, as_collection
from gbook.dav.xml import Member, propfind, read_multistatus, text
from gbook.errors import InvalidFile, LoginRefused, Unreachable
from gbook.urls import Url, parse_url

if TYPE_CHECKING:
    from gbook.dav.http import Client

__all__ = ["Found", "discover"]

WELL_KNOWN = "/.well-known/caldav"
_CONTEXT = ("resourcetype", "current-user-principal", "c:calendar-home-set")
_NOT_IMPLEMENTED = 501
NO_CALDAV = (
    "is not a CalDAV server: it does not know PROPFIND; if it is the address of an .ics file, "
    "use `gbook account add ID --calendar URL`"
)


class Found(NamedTuple):
    """What a server has: `server` is the address whose login its calendars take.

    `is_guess` says that the given address led nowhere, but another place on its server did.
    """

    server: str
    calendars: list[ServerCalendar]
    is_guess: bool = False


def discover(client: Client, url: str) -> Found:
    """Return the calendars that the login of `client` may see, found from `url` on its server.

    No other server gets the login: InvalidFile names the one to which an address leads. Raises InvalidFile
    also if no CalDAV server is found, LoginRefused, Unreachable.
    """
    start = parse_url(url)
    places = [start._replace(target=WELL_KNOWN), start._replace(target="/")]
    if start not in places:
        places.insert(0, parse_url(as_collection(url)))
    problem: InvalidFile | None = None
    for place in places:
        try:
            if found := _from(client, place):
                return found._replace(is_guess=len(places) > 2 and place is not places[0])
        except _Elsewhere:
            raise
        except InvalidFile as error:
            # What is wrong with the address that was given; the other places are guesses.
            problem = problem or (error if len(places) > 2 else None)
    if problem:
        raise problem
    tried = f"neither {WELL_KNOWN} nor / leads to calendars"
    raise InvalidFile(url, [f"is not a CalDAV server: {tried}; give the address of its CalDAV service"])


class _Elsewhere(InvalidFile):
    """An address leads to another server."""

    def __init__(self, start: Url, target: Url) -> None:
        hint = f"if you trust it with this login, run `gbook account discover {target}`"
        super().__init__(start.shown, [f"keeps its calendars on another server, {target.shown}; {hint}"])


def _server(url: Url) -> str:
    return str(url._replace(target="/"))


def _from(client: Client, url: Url) -> Found | None:
    """Return what an address leads to; None if it leads nowhere."""
    base, members = _ask(client, url)
    if any(is_a(member, "c:calendar") for member in members):
        return Found(_server(base), calendars(client, as_collection(str(base)), depth=0))
    homes = list(_homes(client, base, members))
    is_own_place = base.target != "/" and any(is_a(member, "collection") for member in members)
    if is_own_place and (inside := calendars(client, str(base))):
        return Found(_server(base), inside)
    if not homes:
        return None
    for home in homes:
        _require_same(base, home)
    return Found(_server(base), sorted(each for home in homes for each in calendars(client, str(home))))


def _homes(client: Client, base: Url, members: list[Member]) -> Iterator[Url]:
    """Yield the addresses of the homes that properties name, or their principal does."""
    yield from (found := _hrefs(base, members, "c:calendar-home-set"))
    if found:
        return
    for principal in _hrefs(base, members, "current-user-principal"):
        _require_same(base, principal)
        yield from _hrefs(*_ask(client, principal), "c:calendar-home-set")


def _hrefs(base: Url, members: list[Member], name: str) -> list[Url]:
    """Return the addresses in a property, each once. Raises LoginRefused if the request had no login."""
    found: dict[Url, None] = {}
    for member in members:
        for element in member.properties.get(name, ()):
            if element.tag == "{DAV:}unauthenticated":
                reason = "needs a login; give --username and --password-command"
                raise LoginRefused(f"{base.shown}: {reason}", server=base.shown)
            if element.tag == "{DAV:}href":
                found[absolute(str(base), text(element))] = None
    return list(found)


def _ask(client: Client, url: Url) -> tuple[Url, list[Member]]:
    """Return the properties of an address, and the address after redirects. Raises InvalidFile."""
    headers = {"content-type": 'application/xml; charset="utf-8"'}
    try:
        response = client.read("PROPFIND", str(url), headers=headers, body=propfind(_CONTEXT), depth=0)
    except Unreachable as error:
        if error.status == _NOT_IMPLEMENTED:
            # The address of a feed is a secret.
            raise InvalidFile(url.shown, [NO_CALDAV]) from None
        raise
    except LoginRefused as error:
        # After a redirect: the other server asks for a login, which it has not got.
        if error.details["server"] != url.shown:
            raise _Elsewhere(url, parse_url(f"{url.scheme}://{error.details['server']}/")) from None
        raise
    base = parse_url(response.url)
    _require_same(url, base)
    if response.status != 207:
        raise invalid_answer(response)
    members = read_multistatus(response.url, response.body).members
    return base, [member for member in members if member.status not in GONE]


def _require_same(base: Url, target: Url) -> None:
    """Raise InvalidFile if an address of an answer is on another server."""
    if target.origin != base.origin:
        raise _Elsewhere(base, target)
