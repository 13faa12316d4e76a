"""Calendars on CalDAV servers: finding those of a login, and trying out what one of them keeps."""

from __future__ import annotations

from collections.abc import Container, Mapping
from itertools import chain, count
from typing import TYPE_CHECKING, Any, NamedTuple

from gbook.errors import InvalidFile, LoginRefused, NotFound, UsageError, did_you_mean
from gbook.workspace.server import Server
from gbook.workspace.workspace import Workspace
from gbook.yamlfiles.reader import convert

if TYPE_CHECKING:
    from gbook.dav.deadline import Deadline
    from gbook.dav.home import ServerCalendar
    from gbook.dav.http import Client
    from gbook.dav.probe import Capabilities

__all__ = [
    "Discovery",
    "address_of",
    "choose_calendar",
    "find_calendars",
    "remember_trial",
    "server_for",
    "try_calendar",
]


class Discovery(NamedTuple):
    """The calendars of a login; `server` has the address that takes it.

    `is_guess` says that the given address led nowhere, but another place on its server did.
    """

    server: Server
    calendars: list[ServerCalendar]
    is_guess: bool = False


def address_of(typed: str) -> tuple[str, str | None]:
    """Return the address that a person means, and the user name in it: an address, a host, or a mail address.

    Raises UsageError.
    """
    from gbook.urls import parse_url

    typed = typed.strip()
    is_mail = "@" in typed and "/" not in typed
    text = typed.rpartition("@")[2] if is_mail else typed
    try:
        url = parse_url(text if "://" in text else f"https://{text}")
    except ValueError as error:
        raise UsageError(f"URL: {error}") from None
    if "://" not in text and url.is_loopback:
        url = parse_url(f"http://{text}")
    return str(url), typed if is_mail else None


def server_for(workspace: Workspace, url: str, server_id: str | None, given: Mapping[str, Any]) -> Server:
    """Return the server of gbook.yaml with this id or address, or a new one; `given` has its login.

    Raises NotFound, and UsageError for an invalid login.
    """
    servers = {server.id: server for server in workspace.config.servers}
    if server_id in servers:
        if given:
            raise UsageError(f"--server: {server_id} is in gbook.yaml, which has its login: give no other")
        return servers[server_id]
    if server_id and not given:
        near = did_you_mean(server_id, servers) or (f"; there is {', '.join(servers)}" if servers else "")
        raise NotFound(f"no server {server_id!r} in {workspace.config_path}{near}")
    new = _new_server({"id": server_id or _free_id(url, servers), "url": url, **given})
    return _known(workspace, new, with_login=bool(given)) or new


def _new_server(data: Mapping[str, Any]) -> Server:
    """Return a server from options. Raises UsageError, which names those that are wrong."""
    try:
        return convert(data, Server, "--server")
    except InvalidFile as error:
        flags = {"id": "--server", "url": "URL", "passwordCommand": "--password-command"}
        flags |= {"tokenCommand": "--token-command", "caFile": "--ca-file", "username": "--username"}
        lines = [
            f"{flags.get(each.key or '', each.key)}: {_as_option(each.message)}" for each in error.problems
        ]
    raise UsageError("; ".join(lines))


def _as_option(message: str) -> str:
    """Return a message about keys of gbook.yaml in terms of options."""
    keys = {
        "set insecure: true": "give --insecure",
        "passwordCommand": "--password-command",
        "netrc: true": "--netrc",
        "tokenCommand": "--token-command",
    }
    for key, option in keys.items():
        message = message.replace(key, option)
    return message


def _known(workspace: Workspace, server: Server, *, with_login: bool) -> Server | None:
    """Return the server of gbook.yaml at the same origin, `with_login` only one with the same login."""
    from msgspec.structs import replace

    from gbook.urls import parse_url

    for known in workspace.config.servers:
        is_same = not with_login or replace(known, id=server.id, url=server.url) == server
        if is_same and parse_url(known.url).origin == parse_url(server.url).origin:
            return known
    return None


def _free_id(url: str, taken: Container[str]) -> str:
    """Return an id for a server: the name of its domain, with a number if that is taken."""
    from gbook.urls import parse_url

    labels = parse_url(url).host.split(".")
    name = "server" if len(labels) < 2 or labels[-1].isdecimal() else labels[-2]
    return next(each for each in chain([name], map(f"{name}-{{}}".format, count(2))) if each not in taken)


def find_calendars(workspace: Workspace, server: Server, url: str) -> Discovery:
    """Return the calendars to which an address leads.

    Raises Unreachable, LoginRefused, InvalidFile, ProgramFailed.
    """
    from msgspec.structs import replace

    from gbook.dav.discover import discover

    deadline = _deadline(workspace, replace(server, url=url))
    with _client(workspace, server, url, deadline) as client:
        try:
            found = discover(client, url)
        except LoginRefused as error:
            if server.username or server.netrc or server.token_command:
                raise
            hint = "asks for a login; give --username and --password-command"
            raise LoginRefused(f"{error.details['server']}: {hint}", **error.details) from None
    at_home = replace(server, url=found.server)
    if known := _known(workspace, at_home, with_login=True):
        return Discovery(known, found.calendars, found.is_guess)
    taken = {each.id for each in workspace.config.servers}
    new = replace(at_home, id=_free_id(found.server, taken)) if server.id in taken else at_home
    return Discovery(new, found.calendars, found.is_guess)


def choose_calendar(found: Discovery) -> ServerCalendar:
    """Return the one calendar of events that was found. Raises UsageError for none, several, or guesses."""
    usable = [calendar for calendar in found.calendars if calendar.takes_events]
    if len(usable) == 1 and not found.is_guess:
        return usable[0]
    if not usable:
        raise UsageError(f"there is no calendar of events at {found.server.url}")
    addresses = [f"  {calendar.url}" for calendar in usable]
    what = "there is no calendar at this address" if found.is_guess else "there are several calendars"
    raise UsageError("\n".join([f"{what}: give the address of one of them", *addresses]))


def try_calendar(workspace: Workspace, server: Server, url: str) -> Capabilities:
    """Return what the calendar at `url` keeps, found by a test event that is deleted again.

    Raises as `find_calendars` does, and InvalidFile if the test event could not be deleted.
    """
    from gbook.dav.collection import Collection
    from gbook.dav.probe import probe

    deadline = _deadline(workspace, server)
    with _client(workspace, server, server.url, deadline) as client:
        return probe(Collection(client, url))


def remember_trial(workspace: Workspace, server: Server, url: str, found: Capabilities) -> None:
    """Keep what a calendar of gbook.yaml was found to keep, so that the first booking need not try it."""
    from gbook.calendars.commit.promises import remember_capabilities
    from gbook.calendars.stores.caldav import CaldavStore

    remember_capabilities(CaldavStore(url, server, workspace.remotes), workspace.cache, found)


def _deadline(workspace: Workspace, server: Server) -> Deadline:
    """Return a deadline that begins when the login is known: its program may ask a person."""
    from gbook.calendars.stores.remotes import TIMEOUT
    from gbook.dav.credentials import authorization_of
    from gbook.dav.deadline import Deadline

    authorization_of(server, workspace.root)
    return Deadline.after(workspace.asking.timeout if workspace.asking else TIMEOUT)


def _client(workspace: Workspace, server: Server, address: str, deadline: Deadline) -> Client:
    """Return a client of the server at `address`, with the login that `server` has. Raises InvalidFile."""
    from msgspec.structs import replace

    from gbook.dav.credentials import authorization_of
    from gbook.dav.http import Client
    from gbook.dav.tls import tls_context

    login = replace(server, url=address)
    if ca_file := server.ca_path(workspace.root):
        # Told before a server is asked: later it would look like a fault of the server.
        tls_context(ca_file)
    return Client(address, lambda: authorization_of(login, workspace.root), deadline, ca_file=ca_file)
