"""A calendar on a server: one contract over Radicale, xandikos and a fake without sync-collection."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.dav import Server, connected, sample
from support.fake_caldav import Behaviour, FakeCalDav, fake_caldav

from gbook.dav.collection import Changes, Collection
from gbook.errors import InvalidFile


@pytest.fixture(params=["radicale", "xandikos", "listed", "paged"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """Each real server, one without sync-collection, and one that truncates its answers."""
    match request.param:
        case "listed":
            with fake_caldav(Behaviour(sync_refusal=403)) as fake:
                yield fake
        case "paged":
            with fake_caldav(Behaviour(page=2)) as fake:
                yield fake
        case kind:
            yield request.getfixturevalue(kind)


@pytest.fixture
def url(server: Server) -> str:
    return server.new_calendar()


@pytest.fixture
def calendar(server: Server, url: str) -> Collection:
    return connected(server, url)


def update(known: dict[str, str], changes: Changes) -> dict[str, str]:
    """What a mirror knows after changes: names and ETags."""
    kept = {} if changes.whole else {name: tag for name, tag in known.items() if name not in changes.gone}
    return kept | changes.changed


def test_an_empty_calendar_has_no_resources(calendar: Collection) -> None:
    changes = calendar.changes(None)
    assert changes == Changes(changes.token, {}, set(), whole=True)
    assert changes.token


def test_changes_follow_what_another_program_does(server: Server, url: str, calendar: Collection) -> None:
    """Created, changed, deleted, and created again: after each look, the mirror is what the server has."""
    for number in range(5):
        server.put(f"{url}{number}.ics", sample(str(number)))
    first = calendar.changes(None)
    assert first.whole and not first.gone and set(first.changed) == {f"{n}.ics" for n in range(5)}
    server.put(f"{url}1.ics", sample("1", "moved"))
    server.delete(f"{url}2.ics")
    server.put(f"{url}new.ics", sample("new"))
    second = calendar.changes(first.token)
    known = update(first.changed, second)
    assert set(known) == {"0.ics", "1.ics", "3.ics", "4.ics", "new.ics"}
    assert known["1.ics"] != first.changed["1.ics"] and known["0.ics"] == first.changed["0.ics"]
    server.put(f"{url}2.ics", sample("2", "again"))
    assert set(update(known, calendar.changes(second.token))) == {*known, "2.ics"}


def test_a_look_without_changes_finds_none(server: Server, url: str, calendar: Collection) -> None:
    server.put(f"{url}1.ics", sample("1"))
    first = calendar.changes(None)
    again = calendar.changes(first.token)
    assert again.token == first.token
    assert update(first.changed, again) == first.changed


def test_an_unknown_token_gives_everything(server: Server, url: str, calendar: Collection) -> None:
    server.put(f"{url}1.ics", sample("1"))
    if isinstance(server, FakeCalDav):
        server.forget_tokens(url)
    token = "1" if isinstance(server, FakeCalDav) else "http://example.org/sync/0"
    changes = calendar.changes(token)
    assert changes.whole and set(changes.changed) == {"1.ics"}


def test_what_is_created_can_be_read_replaced_and_deleted(calendar: Collection) -> None:
    created = calendar.create("1.ics", sample("1"))
    assert (created.outcome, created.reason) == ("done", "")
    kept = calendar.get("1.ics")
    assert kept is not None and b"UID:1\r\n" in kept.content
    assert kept.etag == created.etag
    assert calendar.replace("1.ics", kept.etag, sample("1", "moved")).outcome == "done"
    moved = calendar.get("1.ics")
    assert moved is not None and b"SUMMARY:moved\r\n" in moved.content
    assert calendar.delete("1.ics", moved.etag).outcome == "done"
    assert calendar.get("1.ics") is None


def test_nothing_is_overwritten(calendar: Collection) -> None:
    """A name in use, and an ETag that is not the newest, are refused, and nothing changes."""
    calendar.create("1.ics", sample("1"))
    first = calendar.get("1.ics")
    assert first is not None
    second = calendar.create("1.ics", sample("1", "other"))
    assert (second.outcome, second.status) == ("refused", 412)
    calendar.replace("1.ics", first.etag, sample("1", "moved"))
    moved = calendar.get("1.ics")
    assert calendar.replace("1.ics", first.etag, sample("1", "late")).status == 412
    assert calendar.delete("1.ics", first.etag).status == 412
    assert calendar.replace("missing.ics", first.etag, sample("2")).outcome == "refused"
    assert calendar.delete("missing.ics", first.etag).outcome == "refused"
    assert calendar.get("1.ics") == moved
    assert calendar.get("missing.ics") is None


def test_fetch_gives_what_exists(server: Server, url: str, calendar: Collection) -> None:
    """The bytes are those of a GET, line breaks included; what is missing is left out."""
    for name in ("1", "2"):
        server.put(f"{url}{name}.ics", sample(name, "a <b> & c, Zoë"))
    found = calendar.fetch(["1.ics", "missing.ics", "2.ics"])
    assert found == {name: calendar.get(name) for name in ("1.ics", "2.ics")}
    assert calendar.fetch([]) == {}


NAMES = ["a b.ics", "ü€😀.ics", "100%25.ics", "a@b=c.ics"]


@pytest.mark.parametrize("name", NAMES)
def test_any_name_is_a_name(calendar: Collection, name: str) -> None:
    """Names that need encoding come back as they were given, however the server encodes them."""
    assert calendar.create(name, sample("1")).outcome == "done"
    changes = calendar.changes(None)
    assert set(changes.changed) == {name}
    resource = calendar.fetch([name])[name]
    assert resource == calendar.get(name)
    assert calendar.delete(name, resource.etag).outcome == "done"
    assert not update(changes.changed, calendar.changes(changes.token))


def test_many_resources_are_fetched_in_batches(
    server: Server, url: str, calendar: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gbook.dav.collection.BATCH", 3)
    names = [f"{number}.ics" for number in range(7)]
    for number, name in enumerate(names):
        server.put(f"{url}{name}", sample(str(number)))
    assert list(calendar.fetch(names)) == names


def test_what_is_no_calendar_is_no_empty_calendar(server: Server, calendar: Collection) -> None:
    """A home has no events, and neither has a missing calendar: that does not make anybody free."""
    with pytest.raises(InvalidFile, match="is not the address of a calendar"):
        connected(server, server.home).changes(None)
    with pytest.raises(InvalidFile, match="there is no such calendar on the server"):
        connected(server, f"{server.home}missing/").changes(None)
    with pytest.raises(InvalidFile, match="no such calendar"):
        connected(server, f"{server.home}missing/").changes(calendar.changes(None).token)
