"""Finding the calendars of a server (RFC 6764 §6, RFC 4791 §6.2): well-known address, principal, home.

It starts from any address that a person may have: a host, a home, a calendar. DNS is not asked (SRV).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
# How often a server may send gbook to another one.
MOST_MOVES = 3
_CONTEXT = ("resourcetype", "current-user-principal", "c:calendar-home-set")
_NOT_IMPLEMENTED = 501


class Found(NamedTuple):
    """What a server has: `server` is the address whose login its calendars take."""

    server: str
    calendars: list[ServerCalendar]


class _Elsewhere(Exception):
    """The calendars are at another address."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


def discover(connect: Callable[[str], Client], url: str) -> Found:
    """Return the calendars that the login may see, found from `url`.

    `connect` returns a client for a server. Another server gets the login only if it belongs to the same
    domain (`caldav.icloud.com`, `p42-caldav.icloud.com`) and is as safe. Raises InvalidFile if no CalDAV
    server is found, LoginRefused, Unreachable.
    """
    for _ in range(MOST_MOVES + 1):
        start = parse_url(url)
        try:
            return _from_address(connect(_server(start)), start)
        except _Elsewhere as moved:
            url = _allowed(start, moved.url)
    raise InvalidFile(
        start.shown, [f"sends gbook to more than {MOST_MOVES} other servers; check the address"]
    )


def _server(url: Url) -> str:
    return str(url._replace(target="/"))


def _from_address(client: Client, url: Url) -> Found:
    problem = None
    if url.target not in ("/", WELL_KNOWN):
        try:
            if found := _from(client, parse_url(as_collection(str(url)))):
                return found
        except InvalidFile as error:
            problem = error
    for target in (WELL_KNOWN, "/"):
        try:
            if found := _from(client, url._replace(target=target)):
                return found
        except InvalidFile:
            continue
    if problem:
        raise problem
    places = f"neither {WELL_KNOWN} nor / leads to calendars"
    raise InvalidFile(str(url), [f"is no CalDAV server: {places}; give the address of its CalDAV service"])


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
        if home.origin != base.origin:
            raise _Elsewhere(str(home))
    return Found(_server(base), sorted(each for home in homes for each in calendars(client, str(home))))


def _homes(client: Client, base: Url, members: list[Member]) -> Iterator[Url]:
    """Yield the addresses of the homes that properties name, or their principal does."""
    yield from (found := _hrefs(base, members, "c:calendar-home-set"))
    if found:
        return
    for principal in _hrefs(base, members, "current-user-principal"):
        if principal.origin != base.origin:
            raise _Elsewhere(str(principal))
        yield from _hrefs(*_ask(client, principal), "c:calendar-home-set")


def _hrefs(base: Url, members: list[Member], name: str) -> list[Url]:
    """Return the addresses in a property, each once. Raises LoginRefused if it says that nobody logged in."""
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
            raise InvalidFile(str(url), ["is no CalDAV server: it does not know PROPFIND"]) from None
        raise
    except LoginRefused as error:
        # After a redirect: the other server asks for a login, which it has not got.
        if error.details["server"] != url.shown:
            raise _Elsewhere(f"{url.scheme}://{error.details['server']}/") from None
        raise
    base = parse_url(response.url)
    if base.origin != url.origin:
        raise _Elsewhere(response.url)
    if response.status != 207:
        raise invalid_answer(response)
    members = read_multistatus(response.url, response.body).members
    return base, [member for member in members if member.status not in GONE]


def _allowed(start: Url, url: str) -> str:
    """Return an address that a server names, if it may get the same login. Raises InvalidFile."""
    target = parse_url(url)
    is_safe = target.scheme in ("https", start.scheme)
    if is_safe and (target.host == start.host or _domain(target) == _domain(start) != ""):
        return url
    hint = f"if it belongs to it, use `gbook account discover {_server(target)}`"
    raise InvalidFile(start.shown, [f"keeps its calendars on another server, {target.shown}; {hint}"])


def _domain(url: Url) -> str:
    """Return the domain that a host belongs to: its last two labels; of an address, nothing."""
    labels = url.host.split(".")
    is_name = len(labels) > 1 and not labels[-1].isdecimal() and not url.host.startswith("[")
    return ".".join(labels[-2:]) if is_name else ""
