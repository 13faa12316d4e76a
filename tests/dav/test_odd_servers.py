"""Odd servers and wrong ones: no event gets lost, no doubt becomes a yes, no name leaves the calendar."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.dav import connected, sample
from support.fake_caldav import Behaviour, FakeCalDav, fake_caldav

from gbook.dav.collection import Resource, Written
from gbook.errors import InvalidFile, LoginRefused, Unreachable


@pytest.fixture
def url(fake: FakeCalDav) -> str:
    return fake.new_calendar()


def path(fake: FakeCalDav, url: str) -> str:
    return url.removeprefix(fake.url.rstrip("/"))


def multistatus(*responses: str, token: str = "") -> tuple[int, dict[str, str], bytes]:
    """The answer of a server that the test makes up."""
    inside = "".join(responses) + (f"<sync-token>{token}</sync-token>" if token else "")
    return 207, {"content-type": "text/xml"}, f'<multistatus xmlns="DAV:">{inside}</multistatus>'.encode()


def listed(href: str, status: str = "HTTP/1.1 200 OK") -> str:
    """One resource of a multistatus, with an ETag."""
    found = f'<propstat><prop><getetag>"1"</getetag></prop><status>{status}</status></propstat>'
    return f"<response><href>{href}</href>{found}</response>"


@pytest.mark.parametrize("status", [400, 403, 405, 415, 501])
def test_a_server_without_sync_collection_is_listed(fake: FakeCalDav, url: str, status: int) -> None:
    """Its CTag is the token, and the next look does not ask for sync-collection again."""
    fake.behaviour = Behaviour(sync_refusal=status)
    fake.put(f"{url}1.ics", sample("1"))
    changes = connected(fake, url).changes(None)
    assert (changes.whole, set(changes.changed), changes.token) == (True, {"1.ics"}, "ctag:1")
    fake.requests.clear()
    assert connected(fake, url).changes(changes.token) == changes
    assert [request.split()[0] for request in fake.requests] == ["PROPFIND"]


@pytest.mark.parametrize("status", [403, 409, 412])
def test_an_expired_token_is_given_up(fake: FakeCalDav, url: str, status: int) -> None:
    """RFC 6578 §3.2 says 403; xandikos answers 412."""
    fake.behaviour = Behaviour(stale_status=status)
    fake.put(f"{url}1.ics", sample("1"))
    token = connected(fake, url).changes(None).token
    fake.put(f"{url}2.ics", sample("2"))
    fake.forget_tokens(url)
    changes = connected(fake, url).changes(token)
    assert changes.whole and set(changes.changed) == {"1.ics", "2.ics"}


def test_a_truncated_list_is_continued(fake: FakeCalDav, url: str) -> None:
    """Each page begins where the last one ended, and corrects what it said (RFC 6578 §3.6)."""
    fake.behaviour = Behaviour(page=2)
    for number in range(5):
        fake.put(f"{url}{number}.ics", sample(str(number)))
    fake.delete(f"{url}1.ics")
    first = connected(fake, url).changes(None)
    assert set(first.changed) == {"0.ics", "2.ics", "3.ics", "4.ics"} and not first.gone
    for name in ("2.ics", "5.ics"):
        fake.put(f"{url}{name}", sample(name))
    for name in ("0.ics", "2.ics", "5.ics"):
        fake.delete(f"{url}{name}")
    fake.put(f"{url}0.ics", sample("0"))
    second = connected(fake, url).changes(first.token)
    assert set(second.changed) == {"0.ics"} and second.gone == {"2.ics", "5.ics"}


def test_a_list_without_end_is_refused(fake: FakeCalDav, url: str) -> None:
    own = path(fake, url)
    truncated = f"<response><href>{own}</href><status>HTTP/1.1 507 Full</status></response>"
    fake.behaviour.answers[f"REPORT {own}"] = multistatus(truncated, token="7")
    with pytest.raises(InvalidFile, match="list of changes has no end"):
        connected(fake, url).changes("7")


def test_what_a_multiget_does_not_give_is_asked_for(fake: FakeCalDav, url: str) -> None:
    """A resource without its data is read by GET; one that is left out is left out (sabre/dav)."""
    for name in ("1", "2", "3"):
        fake.put(f"{url}{name}.ics", sample(name))
    fake.behaviour = Behaviour(without_data={"2.ics"}, left_out={"3.ics"})
    found = connected(fake, url).fetch(["1.ics", "2.ics", "3.ics"])
    assert [each.content for each in found.values()] == [sample("1"), sample("2")]


@pytest.mark.parametrize("status", [400, 403, 405, 501])
def test_without_multiget_each_resource_is_read_by_get(fake: FakeCalDav, url: str, status: int) -> None:
    fake.put(f"{url}1.ics", sample("1"))
    fake.behaviour = Behaviour(multiget_refusal=status)
    assert connected(fake, url).fetch(["1.ics", "2.ics"]) == {"1.ics": Resource('"1"', sample("1"))}


def test_a_control_character_in_one_event_hides_no_other(fake: FakeCalDav, url: str) -> None:
    """XML cannot carry it, so the whole multiget is invalid, and each event is read by GET."""
    fake.put(f"{url}1.ics", sample("1", "bell \a"))
    fake.put(f"{url}2.ics", sample("2"))
    found = connected(fake, url).fetch(["1.ics", "2.ics"])
    assert [each.content for each in found.values()] == [sample("1", "bell \a"), sample("2")]


NAMES = ["1.ics", "a b.ics", "ü€😀.ics", "a;b,c.ics", "{x}+&'.ics", "#1?.ics", "a\\b.ics", "a%2Fb.ics"]
HREFS: dict[str, Callable[[str], str]] = {
    "everything encoded": lambda path: "".join(
        each if each == "/" else "".join(f"%{byte:02x}" for byte in each.encode()) for each in path
    ),
    "a path with dots": lambda path: (
        f"/x/..{path.replace('%', '%25').replace('#', '%23').replace('?', '%3F')}"
    ),
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("encoded", HREFS)
def test_names_are_compared_decoded(fake: FakeCalDav, url: str, name: str, encoded: str) -> None:
    calendar = connected(fake, url)
    assert calendar.create(name, sample("1")).outcome == "done"
    fake.behaviour.href = HREFS[encoded]
    assert set(calendar.changes(None).changed) == {name}
    assert calendar.fetch([name]) == {name: calendar.get(name)}


def test_an_href_may_be_a_url(fake: FakeCalDav, url: str) -> None:
    own = path(fake, url)
    answer = multistatus(listed(f"{url.replace('http:', 'HTTP:')}1.ics"), listed(own), token="7")
    fake.behaviour.answers[f"REPORT {own}"] = answer
    assert connected(fake, url).changes("6").changed == {"1.ics": '"1"'}


OUTSIDE = ["/home/1.ics", "/home/other/1.ics", "http://example.org{own}1.ics", "//example.org{own}1.ics"]
WRONG = ["{own}a/1.ics", "{own}%2e%2e", "{own}..", "{own}%00.ics", "{own}%0a.ics", "", "http://[", "{own}%ff"]


@pytest.mark.parametrize("href", [*OUTSIDE, *WRONG])
def test_a_name_outside_the_calendar_is_refused(fake: FakeCalDav, url: str, href: str) -> None:
    """Nobody is free because a server names something else, and nothing else is read or deleted."""
    own = path(fake, url)
    fake.behaviour.answers[f"REPORT {own}"] = multistatus(listed(href.format(own=own)), token="7")
    with pytest.raises(InvalidFile):
        connected(fake, url).changes("6")


def test_a_collection_inside_a_calendar_is_none_of_its_events(fake: FakeCalDav, url: str) -> None:
    own = path(fake, url)
    fake.behaviour.answers[f"REPORT {own}"] = multistatus(listed(f"{own}inner/"), listed(own), token="7")
    assert not connected(fake, url).changes("6").changed


HTML = b"<!DOCTYPE html><html><body>Please log in</body></html>"
BOMB = b'<!DOCTYPE a [<!ENTITY b "12345">]><multistatus xmlns="DAV:">&b;&b;</multistatus>'
BODIES = {
    "HTML": (HTML, "document type"),
    "entities": (BOMB, "document type"),
    "entities in UTF-16": (BOMB.decode().encode("utf-16"), "document type"),
    "cut": (b'<multistatus xmlns="DAV:"><response>', "cut off or not XML"),
    "empty": (b"", "cut off or not XML"),
    "another document": (b'<error xmlns="DAV:"/>', "expected a DAV:multistatus"),
    "an unknown encoding": (b'<?xml version="1.0" encoding="x"?><a/>', "cut off or not XML"),
    "no status": (b'<multistatus xmlns="DAV:"><response><propstat/></response></multistatus>', "status"),
    "a wrong status": (multistatus(listed("/1.ics", "OK"))[2], "status"),
}


@pytest.mark.parametrize("case", BODIES)
def test_an_invalid_answer_is_no_empty_calendar(fake: FakeCalDav, url: str, case: str) -> None:
    body, problem = BODIES[case]
    fake.behaviour.answers[f"REPORT {path(fake, url)}"] = (207, {"content-type": "text/xml"}, body)
    with pytest.raises(InvalidFile, match=problem) as raised:
        connected(fake, url).changes("6")
    assert raised.value.path == url


def test_a_resource_that_may_not_be_read_is_no_missing_one(fake: FakeCalDav, url: str) -> None:
    own = path(fake, url)
    forbidden = f"<response><href>{own}1.ics</href><status>HTTP/1.1 403 Forbidden</status></response>"
    fake.behaviour.answers[f"REPORT {own}"] = multistatus(forbidden, token="7")
    with pytest.raises(InvalidFile, match=r"answered 403 for '.*1\.ics'"):
        connected(fake, url).changes("6")
    fake.behaviour.answers[f"GET {own}1.ics"] = (403, {}, b"")
    with pytest.raises(InvalidFile, match="403"):
        connected(fake, url).fetch(["1.ics"])


@pytest.mark.parametrize("method", ["PROPFIND", "REPORT"])
@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ((404, {}, b""), "there is no such calendar"),
        ((410, {}, b""), "there is no such calendar"),
        ((403, {}, b""), "does not allow"),
        ((200, {"content-type": "text/html"}, HTML), "a page of HTML"),
        ((204, {}, b""), "answered 204"),
    ],
)
def test_an_answer_that_is_none_of_caldav_is_named(
    fake: FakeCalDav, url: str, method: str, answer: tuple[int, dict[str, str], bytes], problem: str
) -> None:
    own = path(fake, url)
    fake.behaviour.answers[f"{method} {own}"] = answer
    if answer[0] == 403:
        fake.behaviour.answers[f"PROPFIND {own}"] = answer
    with pytest.raises(InvalidFile, match=problem):
        connected(fake, url).changes("6" if method == "REPORT" else None)


def test_a_refused_login_is_an_error_for_reads_and_writes(fake: FakeCalDav, url: str) -> None:
    own = path(fake, url)
    for method in ("PROPFIND", "PUT"):
        name = "1.ics" if method == "PUT" else ""
        fake.behaviour.answers[f"{method} {own}{name}"] = (401, {"www-authenticate": "Basic"}, b"")
    with pytest.raises(LoginRefused):
        connected(fake, url).changes(None)
    with pytest.raises(LoginRefused):
        connected(fake, url).create("1.ics", sample("1"))


def write(fake: FakeCalDav, url: str, status: int, *, does_write: bool) -> list[Written]:
    """The outcomes of a create, a replacement and a deletion that a server answers with `status`."""
    fake.put(f"{url}old.ics", sample("old"))
    fake.put(f"{url}older.ics", sample("older"))
    fake.behaviour = Behaviour(write_status=status, does_write=does_write)
    calendar = connected(fake, url)
    return [
        calendar.create("new.ics", sample("new")),
        calendar.replace("old.ics", '"1"', sample("old", "moved")),
        calendar.delete("older.ics", '"2"'),
    ]


@pytest.mark.parametrize("status", [0, 202, 423, 429, 500, 502, 503, 504])
@pytest.mark.parametrize("does_write", [True, False])
def test_a_doubtful_answer_is_neither_yes_nor_no(
    fake: FakeCalDav, url: str, status: int, does_write: bool
) -> None:
    """A server may have done what it was told, whatever it answers; 0 is a closed connection."""
    for written in write(fake, url, status, does_write=does_write):
        assert written.outcome == "unknown"
        assert written.reason


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 412, 413, 415, 507])
def test_a_refusal_has_its_reason(fake: FakeCalDav, url: str, status: int) -> None:
    for written in write(fake, url, status, does_write=False):
        assert (written.outcome, written.status) == ("refused", status)
        assert str(status) in written.reason


def test_a_refusal_names_the_condition(fake: FakeCalDav, url: str) -> None:
    """A DAV:error says which condition failed (RFC 4791 §5.3.2.1)."""
    body = b'<error xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><C:no-uid-conflict/></error>'
    fake.behaviour.answers[f"PUT {path(fake, url)}1.ics"] = (409, {"content-type": "text/xml"}, body)
    written = connected(fake, url).create("1.ics", sample("1"))
    assert written == Written("refused", None, 409, "the server answered 409 (c:no-uid-conflict)")


def test_a_redirected_write_is_an_error(fake: FakeCalDav, url: str) -> None:
    """gbook writes where gbook.yaml says, or nowhere."""
    fake.behaviour.answers[f"PUT {path(fake, url)}1.ics"] = (308, {"location": "/elsewhere"}, b"")
    with pytest.raises(InvalidFile, match="redirects a write"):
        connected(fake, url).create("1.ics", sample("1"))
    assert fake.requests == [f"PUT {path(fake, url)}1.ics"]


@pytest.mark.parametrize("token", [None, "0", "ctag:0"])
def test_a_calendar_that_has_moved_is_not_read_as_another(
    fake: FakeCalDav, url: str, token: str | None
) -> None:
    """Its new address is named; names there would be those of another calendar."""
    other = fake.new_calendar()
    fake.put(f"{other}1.ics", sample("1"))
    for method in ("PROPFIND", "REPORT"):
        fake.behaviour.answers[f"{method} {path(fake, url)}"] = (301, {"location": other}, b"")
    with pytest.raises(InvalidFile, match=f"has moved: change the url to {other}"):
        connected(fake, url).changes(token)


def test_without_an_etag_nothing_is_replaced(fake: FakeCalDav, url: str) -> None:
    """An empty If-Match would be no condition."""
    calendar = connected(fake, url)
    fake.put(f"{url}1.ics", sample("1"))
    assert calendar.replace("1.ics", "", sample("1", "moved")).outcome == "refused"
    assert calendar.delete("1.ics", "").outcome == "refused"
    assert not fake.requests


def test_an_etag_that_the_server_does_not_give_is_unknown(fake: FakeCalDav, url: str) -> None:
    fake.behaviour = Behaviour(has_etag_header=False)
    assert connected(fake, url).create("1.ics", sample("1")) == Written("done", None, 201)


@pytest.mark.parametrize("seconds", [-3600, 0, 3600])
def test_the_clock_of_the_server_is_compared(fake: FakeCalDav, url: str, seconds: int) -> None:
    fake.behaviour = Behaviour(clock=seconds)
    calendar = connected(fake, url)
    assert calendar.clock_skew is None
    calendar.get("1.ics")
    assert calendar.clock_skew is not None
    assert abs(calendar.clock_skew - seconds) < 60


def test_a_page_of_html_is_no_event(fake: FakeCalDav, url: str) -> None:
    fake.behaviour.answers[f"GET {path(fake, url)}1.ics"] = (200, {"content-type": "text/html"}, HTML)
    with pytest.raises(InvalidFile, match="a page of HTML"):
        connected(fake, url).get("1.ics")


def test_a_server_that_is_gone_is_unreachable(url: str) -> None:
    """The fixture of the server has ended by then."""
    with fake_caldav() as server:
        calendar = connected(server, server.new_calendar())
    with pytest.raises(Unreachable):
        calendar.changes(None)
    assert calendar.create("1.ics", sample("1")).outcome == "unknown"
