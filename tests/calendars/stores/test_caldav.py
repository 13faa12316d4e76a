"""Calendars on CalDAV servers: a command reads what they have now, and fetches only what has changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from support.caldav_servers import PASSWORD, USERNAME
from support.dav import Server as RealServer
from support.dav import sample
from support.fake_caldav import Behaviour, FakeCalDav, fake_caldav

from gbook.calendars.stores.caldav import CaldavStore
from gbook.calendars.stores.mirror import Mirror
from gbook.calendars.stores.refresh import refresh
from gbook.calendars.stores.remotes import Asking, Remotes
from gbook.errors import GbookError, InvalidFile, LoginRefused, Unreachable
from gbook.workspace.server import Server

PRINT_PASSWORD = ["printf", "%s", PASSWORD]


class Desk:
    """Commands, one after the other, that read calendars of one server; the mirror is what they share."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mirror = Mirror(folder / "mirror.sqlite")
        self.command = PRINT_PASSWORD

    def stores(self, server: RealServer, urls: Sequence[str], **asking: object) -> list[CaldavStore]:
        """The calendars, in a new command."""
        remotes = Remotes(self.mirror, self.folder, Asking(**{"timeout": 60.0, **asking}))  # type: ignore[arg-type]
        login = Server(id="s", url=server.url, username=USERNAME, password_command=tuple(self.command))
        return [CaldavStore(url, login, remotes) for url in urls]

    def read(self, server: RealServer, url: str, **asking: object) -> dict[str, bytes]:
        """The content of a calendar by name, as a new command reads it. Raises GbookError."""
        [store] = self.stores(server, [url], **asking)
        if error := refresh([store]).get(store):
            raise error
        return {name: store.read(name) for name, _ in store.look()}

    def answers(self, server: RealServer, urls: Sequence[str], **asking: object) -> list[GbookError | None]:
        """The error of each calendar, as a new command asks for them."""
        stores = self.stores(server, urls, **asking)
        failed = refresh(stores)
        return [failed.get(store) for store in stores]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@pytest.fixture(params=["radicale", "xandikos", "fake"])
def server(request: pytest.FixtureRequest) -> RealServer:
    server: RealServer = request.getfixturevalue(request.param)
    return server


def summaries(content: dict[str, bytes]) -> dict[str, str]:
    """The title of each resource."""
    return {name: data.partition(b"SUMMARY:")[2].split(b"\r\n")[0].decode() for name, data in content.items()}


def fill(server: RealServer, url: str, count: int) -> None:
    for number in range(count):
        server.put(f"{url}{number}.ics", sample(str(number)))


def test_each_command_reads_what_the_server_has(server: RealServer, desk: Desk) -> None:
    """What another program creates, changes and deletes is seen at once."""
    url = server.new_calendar()
    assert desk.read(server, url) == {}
    for name in ("1", "2", "3"):
        server.put(f"{url}{name}.ics", sample(name, f"first {name}"))
    assert summaries(desk.read(server, url)) == {f"{n}.ics": f"first {n}" for n in "123"}
    server.put(f"{url}1.ics", sample("1", "moved"))
    server.delete(f"{url}2.ics")
    server.put(f"{url}4.ics", sample("4", "new"))
    assert summaries(desk.read(server, url)) == {"1.ics": "moved", "3.ics": "first 3", "4.ics": "new"}
    assert summaries(desk.read(server, url, offline=True)) == {
        "1.ics": "moved",
        "3.ics": "first 3",
        "4.ics": "new",
    }


def test_many_calendars_of_a_server_are_told_apart(server: RealServer, desk: Desk) -> None:
    urls = [server.new_calendar() for _ in range(3)]
    for number, url in enumerate(urls):
        server.put(f"{url}1.ics", sample("1", f"calendar {number}"))
    assert desk.answers(server, urls) == [None, None, None]
    server.put(f"{urls[1]}2.ics", sample("2", "later"))
    assert desk.answers(server, urls) == [None, None, None]
    found = [summaries(desk.read(server, url, offline=True)) for url in urls]
    assert found == [
        {"1.ics": "calendar 0"},
        {"1.ics": "calendar 1", "2.ics": "later"},
        {"1.ics": "calendar 2"},
    ]


def test_one_request_tells_that_nothing_has_changed(fake: FakeCalDav, desk: Desk) -> None:
    """All calendars of a home by a PROPFIND, a single one by a sync-collection; then only changed ones."""
    urls = [fake.new_calendar() for _ in range(4)]
    for url in urls:
        fill(fake, url, 2)
    desk.answers(fake, urls)
    fake.requests.clear()
    assert desk.answers(fake, urls) == [None] * 4
    assert fake.requests == ["PROPFIND /home/"]
    assert desk.answers(fake, urls[:1]) == [None]
    assert fake.requests[1:] == ["REPORT /home/calendar-0/"]
    fake.put(f"{urls[2]}0.ics", sample("0", "moved"))
    fake.requests.clear()
    desk.answers(fake, urls)
    assert fake.requests == ["PROPFIND /home/", *["REPORT /home/calendar-2/"] * 2]


def test_what_is_known_is_not_fetched_again(fake: FakeCalDav, desk: Desk) -> None:
    """A server without sync-collection lists everything; only new ETags are fetched."""
    fake.behaviour = Behaviour(sync_refusal=403, multiget_refusal=403)
    url = fake.new_calendar()
    fill(fake, url, 3)
    desk.read(fake, url)
    fake.put(f"{url}1.ics", sample("1", "moved"))
    fake.requests.clear()
    assert summaries(desk.read(fake, url))["1.ics"] == "moved"
    assert [each for each in fake.requests if each.startswith("GET")] == ["GET /home/calendar-0/1.ics"]


def test_what_a_server_leaves_out_does_not_disappear(fake: FakeCalDav, desk: Desk) -> None:
    """An event that is missing in a multiget is looked for; only if it is not there, it is gone."""
    url = fake.new_calendar()
    fill(fake, url, 2)
    fake.behaviour = Behaviour(left_out={"1.ics"})
    assert set(desk.read(fake, url)) == {"0.ics", "1.ics"}
    fake.put(f"{url}1.ics", sample("1", "moved"))
    fake.behaviour.answers["GET /home/calendar-0/1.ics"] = (404, {}, b"")
    assert set(desk.read(fake, url)) == {"0.ics"}


@pytest.mark.parametrize(
    ("before", "after", "is_believed"), [(1, 0, False), (19, 9, True), (20, 10, True), (20, 9, False)]
)
def test_a_listing_that_has_lost_most_is_not_believed(
    fake: FakeCalDav, desk: Desk, before: int, after: int, is_believed: bool
) -> None:
    """A server that has lost its disk lists an empty calendar: nobody is free by that."""
    url = fake.new_calendar()
    fill(fake, url, before)
    desk.read(fake, url)
    for number in range(after, before):
        fake.delete(f"{url}{number}.ics")
    fake.forget_tokens(url)
    if is_believed:
        assert len(desk.read(fake, url)) == after
        return
    with pytest.raises(InvalidFile, match=f"had {before} events? and now has .*refresh --accept"):
        desk.read(fake, url)
    assert len(desk.read(fake, url, offline=True)) == before
    assert len(desk.read(fake, url, accept=True)) == after
    assert len(desk.read(fake, url)) == after


def test_the_test_events_of_another_command_are_no_loss(fake: FakeCalDav, desk: Desk) -> None:
    """A command that tries the calendar puts one there, and takes it away again."""
    url = fake.new_calendar()
    fake.put(f"{url}gbook-test-1.ics", sample("1"))
    desk.read(fake, url)
    fake.delete(f"{url}gbook-test-1.ics")
    fake.forget_tokens(url)
    assert not desk.read(fake, url)


def test_the_few_events_of_a_small_calendar_may_all_be_deleted(fake: FakeCalDav, desk: Desk) -> None:
    """The server names each of them as deleted; with many, that is not believed either."""
    url, large = fake.new_calendar(), fake.new_calendar()
    fill(fake, url, 2)
    fill(fake, large, 20)
    desk.answers(fake, [url, large])
    for number in range(20):
        fake.delete(f"{large}{number}.ics")
    for number in range(2):
        fake.delete(f"{url}{number}.ics")
    small, refused = desk.answers(fake, [url, large])
    assert small is None
    assert isinstance(refused, InvalidFile)
    assert desk.read(fake, url) == {}


def test_an_unreachable_server_leaves_the_mirror_as_it_was(tmp_path: Path, desk: Desk) -> None:
    with fake_caldav() as fake:
        urls = [fake.new_calendar(), fake.new_calendar()]
        fill(fake, urls[0], 1)
        assert desk.answers(fake, urls) == [None, None]
    for error in desk.answers(fake, urls):
        assert isinstance(error, Unreachable)
        assert "last read less than a minute ago" in error.message
    assert set(desk.read(fake, urls[0], offline=True)) == {"0.ics"}
    (tmp_path / "other").mkdir()
    fresh = Desk(tmp_path / "other")
    with pytest.raises(Unreachable, match="was never read"):
        fresh.read(fake, urls[0], offline=True)


FAULTS: list[tuple[int, dict[str, str], bytes]] = [
    (500, {}, b""),
    (207, {}, b"<multistatus"),
    (404, {}, b""),
    (0, {}, b""),
]


@pytest.mark.parametrize("broken", ["REPORT /home/calendar-1/", "GET /home/calendar-1/0.ics"])
@pytest.mark.parametrize("answer", FAULTS)
def test_a_fault_of_one_calendar_is_its_own(
    fake: FakeCalDav, desk: Desk, broken: str, answer: tuple[int, dict[str, str], bytes]
) -> None:
    """The others are read, and the mirror of that one is as it was."""
    urls = [fake.new_calendar() for _ in range(3)]
    for url in urls:
        fill(fake, url, 2)
    desk.answers(fake, urls)
    for url in urls:
        fake.put(f"{url}0.ics", sample("0", "moved"))
    fake.behaviour.multiget_refusal = 403
    fake.behaviour.answers[broken] = answer
    first, second, third = desk.answers(fake, urls)
    if broken.startswith("GET") and answer[0] == 404:
        assert (first, second, third) == (None, None, None)
        return
    assert first is None and isinstance(second, GbookError)
    assert third is None
    assert summaries(desk.read(fake, urls[1], offline=True)) == {"0.ics": "Event", "1.ics": "Event"}


def test_a_calendar_that_is_gone_is_no_empty_one(fake: FakeCalDav, desk: Desk) -> None:
    urls = [fake.new_calendar(), fake.new_calendar()]
    fill(fake, urls[0], 1)
    desk.answers(fake, urls)
    del fake.calendars["/home/calendar-0/"]
    error, other = desk.answers(fake, urls)
    assert isinstance(error, InvalidFile) and "there is no such calendar" in error.message
    assert other is None


def test_a_home_that_cannot_be_listed_is_not_needed(fake: FakeCalDav, desk: Desk) -> None:
    urls = [fake.new_calendar(), fake.new_calendar()]
    desk.answers(fake, urls)
    for answer in FAULTS[:-1]:
        fake.behaviour.answers["PROPFIND /home/"] = answer
        fill(fake, urls[0], 1)
        assert desk.answers(fake, urls) == [None, None]
    assert set(desk.read(fake, urls[0], offline=True)) == {"0.ics"}


def test_a_refused_login_is_tried_once(fake: FakeCalDav, desk: Desk) -> None:
    """More tries could lock the user out."""
    urls = [fake.new_calendar() for _ in range(3)]
    desk.answers(fake, urls)
    refused = (401, {"www-authenticate": "Basic"}, b"")
    fake.behaviour.answers = {
        f"{method} {path}": refused
        for method in ("PROPFIND", "REPORT")
        for path in ("/home/", *fake.calendars)
    }
    fake.requests.clear()
    assert all(isinstance(error, LoginRefused) for error in desk.answers(fake, urls))
    assert len(fake.requests) == 1


def test_a_login_that_cannot_be_had_is_an_error_of_all_its_calendars(fake: FakeCalDav, desk: Desk) -> None:
    urls = [fake.new_calendar(), fake.new_calendar()]
    desk.command = ["false"]
    fake.requests.clear()
    for error in desk.answers(fake, urls):
        assert error is not None and "passwordCommand" in error.message
    assert not fake.requests


class SlowMirror(Mirror):
    """A mirror to which another command writes before the first update of this one."""

    def __init__(self, path: Path, meanwhile: Callable[[], None]) -> None:
        super().__init__(path)
        self._meanwhile = [meanwhile]

    def update(self, *arguments: Any, **named: Any) -> bool:
        if self._meanwhile:
            self._meanwhile.pop()()
        return super().update(*arguments, **named)


def test_two_commands_at_once_store_what_the_server_has(fake: FakeCalDav, desk: Desk) -> None:
    """One of them is slower: it looks at what the other one has stored, and asks again."""
    url = fake.new_calendar()
    fill(fake, url, 2)
    desk.read(fake, url)
    fake.put(f"{url}0.ics", sample("0", "moved"))
    slow = Desk(desk.folder)

    def meanwhile() -> None:
        desk.read(fake, url)
        fake.put(f"{url}1.ics", sample("1", "moved too"))

    slow.mirror = SlowMirror(desk.folder / "mirror.sqlite", meanwhile)
    assert summaries(slow.read(fake, url)) == {"0.ics": "moved", "1.ics": "moved too"}
