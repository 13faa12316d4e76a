"""Finding the calendars of a server from any address that a person may have."""

from __future__ import annotations

import http.server
import threading

import pytest
from support.caldav_servers import CalDavServer
from support.dav import SECONDS, Server, client_of, connected, sample
from support.fake_caldav import Behaviour, FakeCalDav, fake_caldav

from gbook.dav.deadline import Deadline
from gbook.dav.discover import Found, discover
from gbook.dav.home import ServerCalendar, tokens
from gbook.dav.http import Client
from gbook.errors import InvalidFile, LoginRefused

WELL_KNOWN = "/.well-known/caldav"
HTML = (200, {"content-type": "text/html"}, b"<!DOCTYPE html><html>Welcome</html>")
CONTEXT = '<multistatus xmlns="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><response>'


def found(server: Server, url: str, authorization: str | None = None) -> Found:
    """What is found from an address with the login of the server's user, or another one."""
    login = authorization or server.authorization
    with Client(server.url, lambda: login, Deadline.after(SECONDS)) as client:
        return discover(client, url)


def context(properties: str) -> tuple[int, dict[str, str], bytes]:
    """The answer about a place with these properties."""
    inside = f"<href>/</href><propstat><prop>{properties}</prop><status>HTTP/1.1 200 OK</status></propstat>"
    return 207, {"content-type": "text/xml"}, f"{CONTEXT}{inside}</response></multistatus>".encode()


@pytest.fixture(params=["radicale", "xandikos", "fake"])
def server(request: pytest.FixtureRequest) -> Server:
    server: Server = request.getfixturevalue(request.param)
    return server


def test_the_host_is_enough(server: Server) -> None:
    """The well-known address, the principal and the home lead to all calendars of the user."""
    urls = {server.new_calendar(), server.new_calendar()}
    result = found(server, server.url)
    assert result.server == server.url
    assert urls <= {calendar.url for calendar in result.calendars}


def test_the_home_and_a_calendar_are_addresses_too(server: Server) -> None:
    url, other = server.new_calendar(), server.new_calendar()
    assert {url, other} <= {calendar.url for calendar in found(server, server.home).calendars}
    assert {url, other} <= {calendar.url for calendar in found(server, server.home.rstrip("/")).calendars}
    (calendar,) = found(server, url.rstrip("/")).calendars
    assert calendar.url == url
    assert calendar.is_writable and calendar.takes_events and calendar.has_sync


def test_a_calendar_has_its_name_colour_and_kinds(radicale: CalDavServer) -> None:
    url = radicale.new_calendar()
    change = (
        '<propertyupdate xmlns="DAV:" xmlns:i="http://apple.com/ns/ical/"><set><prop>'
        "<displayname>Zoë &amp; team</displayname><i:calendar-color>#ff0000ff</i:calendar-color>"
        "</prop></set></propertyupdate>"
    )
    assert radicale.ask("PROPPATCH", url, change.encode()).status == 207
    (calendar,) = found(radicale, url).calendars
    kinds = sorted(calendar.components)
    assert calendar == ServerCalendar(url, "Zoë & team", "#ff0000ff", calendar.components, True, True)
    assert kinds == ["VEVENT", "VJOURNAL", "VTODO"]


def test_rights_are_those_of_the_login(fake: FakeCalDav) -> None:
    url = fake.new_calendar()
    fake.behaviour = Behaviour(rights="<privilege><read/></privilege>", sync_refusal=403)
    (calendar,) = found(fake, url).calendars
    assert not calendar.is_writable and not calendar.has_sync


def test_one_request_tells_all_tokens(server: Server) -> None:
    """The token of a calendar changes when its content does, and is that of sync-collection."""
    first, second = server.new_calendar(), server.new_calendar()
    before = tokens(client_of(server), server.home)
    assert connected(server, first).changes(None).token == before[first]
    server.put(f"{first}1.ics", sample("1"))
    after = tokens(client_of(server), server.home)
    assert after[first] != before[first] and after[second] == before[second]
    assert connected(server, first).changes(before[first]).token == after[first]


def test_a_wrong_login_is_refused(radicale: CalDavServer) -> None:
    with pytest.raises(LoginRefused, match="refuses the login"):
        found(radicale, radicale.url, "Basic eDp5")


def test_a_redirect_of_the_well_known_address_is_followed(fake: FakeCalDav) -> None:
    url = fake.new_calendar()
    fake.behaviour.answers[f"PROPFIND {WELL_KNOWN}"] = (301, {"location": "/principal/"}, b"")
    fake.behaviour.answers["PROPFIND /"] = HTML
    assert [calendar.url for calendar in found(fake, fake.url).calendars] == [url]


def test_a_page_of_html_leads_to_the_well_known_address(fake: FakeCalDav) -> None:
    """People copy the address of the web page."""
    url = fake.new_calendar()
    fake.behaviour.answers["PROPFIND /apps/calendar"] = HTML
    assert [calendar.url for calendar in found(fake, f"{fake.url}apps/calendar").calendars] == [url]


def test_a_server_without_any_calendar_has_none(fake: FakeCalDav) -> None:
    assert found(fake, fake.url) == Found(fake.url, [])


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (HTML, "is not a CalDAV server"),
        ((404, {}, b""), "is not a CalDAV server"),
        ((405, {}, b""), "is not a CalDAV server"),
        ((501, {}, b""), "is not a CalDAV server"),
        ((200, {"content-type": "text/plain"}, b"hello"), "is not a CalDAV server"),
        (context("<displayname>files</displayname>"), "is not a CalDAV server"),
    ],
)
def test_what_is_no_caldav_server_is_named(
    fake: FakeCalDav, answer: tuple[int, dict[str, str], bytes], problem: str
) -> None:
    for path in (WELL_KNOWN, "/"):
        fake.behaviour.answers[f"PROPFIND {path}"] = answer
    with pytest.raises(InvalidFile, match=problem):
        found(fake, fake.url)


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (HTML, "a page of HTML"),
        ((404, {}, b""), "there is no such calendar"),
        ((403, {}, b""), "does not allow"),
        ((207, {}, HTML[2]), "document type"),
    ],
)
def test_a_wrong_address_of_a_calendar_is_named(
    fake: FakeCalDav, answer: tuple[int, dict[str, str], bytes], problem: str
) -> None:
    for path in (WELL_KNOWN, "/", "/x/"):
        fake.behaviour.answers[f"PROPFIND {path}"] = answer
    with pytest.raises(InvalidFile, match=problem):
        found(fake, f"{fake.url}x/")


def test_a_web_server_is_no_caldav_server() -> None:
    """A server of files, which knows no PROPFIND."""
    handler = http.server.SimpleHTTPRequestHandler
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, fake_caldav() as fake:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        with pytest.raises(InvalidFile, match="is not a CalDAV server"):
            found(fake, f"http://127.0.0.1:{server.server_port}/")
        server.shutdown()


def test_a_server_that_asks_nobody_for_a_login_says_so(fake: FakeCalDav) -> None:
    answer = context("<current-user-principal><unauthenticated/></current-user-principal>")
    fake.behaviour.answers[f"PROPFIND {WELL_KNOWN}"] = answer
    with pytest.raises(LoginRefused, match="needs a login"):
        found(fake, fake.url)


@pytest.mark.parametrize("kind", ["home", "principal"])
def test_another_server_does_not_get_the_login(fake: FakeCalDav, kind: str) -> None:
    """It is named, for a person who knows that it belongs to the first one."""
    elsewhere = "http://dav.example.net/home/"
    fake.behaviour.answers[f"PROPFIND {WELL_KNOWN}"] = {
        "home": context(f"<c:calendar-home-set><href>{elsewhere}</href></c:calendar-home-set>"),
        "principal": context(f"<current-user-principal><href>{elsewhere}</href></current-user-principal>"),
    }[kind]
    with pytest.raises(
        InvalidFile, match=r"another server, dav\.example\.net; .* discover http://dav\.example\.net/home/`"
    ):
        found(fake, fake.url)


def test_a_redirect_to_another_server_sends_no_login(fake: FakeCalDav) -> None:
    """The other one, at another port of this machine, asks for a login and does not get it."""
    with fake_caldav() as other:
        other.authorization = fake.authorization = "Basic YTpi"
        other.behaviour.answers["PROPFIND /dav/"] = (401, {"www-authenticate": "Basic"}, b"")
        fake.behaviour.answers[f"PROPFIND {WELL_KNOWN}"] = (301, {"location": f"{other.url}dav/"}, b"")
        with pytest.raises(InvalidFile, match="keeps its calendars on another server, 127"):
            found(fake, fake.url)
        assert len(other.requests) == 1 and other.logins == [None]
