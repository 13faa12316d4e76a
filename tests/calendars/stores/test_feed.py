"""Feeds, from a real server on a loopback port: what it says is believed as a whole, or not at all."""

from __future__ import annotations

import gzip
import pickle
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from support.fault_server import CLOSE, HANG, RESET, Answer, FaultServer, Request, fault_server, reply

from gbook.calendars.stores import remotes
from gbook.calendars.stores.feed import FeedStore
from gbook.calendars.stores.mirror import Mirror
from gbook.calendars.stores.refresh import refresh
from gbook.calendars.stores.remote import RemoteStore
from gbook.calendars.stores.remotes import Asking, Remotes
from gbook.dav import credentials
from gbook.errors import GbookError, InvalidFile, Unreachable
from gbook.timeutil.instants import DAY, now

SECRET = "private-3f9a2c"
HOUR = 3600


def calendar(events: int = 1, *lines: str) -> bytes:
    """A feed with this number of events."""
    parts = [f"{line}\r\n" for line in ("BEGIN:VCALENDAR", "VERSION:2.0", *lines)]
    parts += [f"BEGIN:VEVENT\r\nUID:{i}\r\nDTSTART:20261124T090000Z\r\nEND:VEVENT\r\n" for i in range(events)]
    return "".join([*parts, "END:VCALENDAR\r\n"]).encode()


def ok(body: bytes, **headers: str | None) -> bytes:
    return reply(200, body, **{"content_type": "text/calendar", **headers})  # type: ignore[arg-type]


class Desk:
    """Commands, one after the other, that read one feed; the mirror is what they share."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.max_age = DAY
        self.command: tuple[str, ...] = ()
        self.mirror = Mirror(folder / "mirror.sqlite")
        self._monkeypatch = monkeypatch
        self._at = now()

    def later(self, seconds: int) -> None:
        """Let time pass."""
        from datetime import UTC, datetime

        self._at += seconds
        self._monkeypatch.setenv("GBOOK_NOW", datetime.fromtimestamp(self._at, UTC).isoformat())

    def store(self, server: FaultServer, **asking: object) -> FeedStore:
        """The feed, in a new command."""
        shared = Remotes(self.mirror, self.folder, Asking(**asking))  # type: ignore[arg-type]
        url = f"{server.url}{SECRET}/basic.ics"
        if self.command:
            return FeedStore("urlCommand pass", shared, self.max_age, command=self.command)
        return FeedStore(url.split("/")[2], shared, self.max_age, url=url)

    def read(self, server: FaultServer, **asking: object) -> bytes:
        """The content of the feed, as a new command reads it. Raises GbookError."""
        store = self.store(server, **asking)
        failed = refresh([store])
        if error := failed.get(store):
            with pytest.raises(GbookError) as raised:
                store.look()
            assert raised.value is error
            assert store.summary() is None
            raise error
        [(name, _)] = store.look()
        return store.read(name)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(credentials, "_SECRETS", {})
    return Desk(tmp_path, monkeypatch)


def quiet(error: GbookError) -> str:
    """The message of an error, in one line without the secret."""
    assert SECRET not in repr((error.message, error.details, str(error)))
    assert "\n" not in error.message
    return error.message


class TestReading:
    """What the server sends is what is read."""

    def test_the_content(self, desk: Desk) -> None:
        """Byte for byte, and it is a single stream that nothing writes to."""
        with fault_server(ok(calendar(3))) as server:
            store = desk.store(server)
            assert refresh([store]) == {}
            assert store.is_remote
            assert [name for name, _ in store.look()] == [""]
            assert store.read("") == calendar(3)
            assert store.exists("") and not store.exists("other")
            assert store.name_for("any") == ""
            assert not store.is_being_written("")
            assert store.location("") == store.shown == f"localhost:{server.port}"
            assert SECRET not in repr(store) + store.key + store.group

    def test_the_same_feed_is_equal(self, desk: Desk) -> None:
        """Also in another process."""
        with fault_server(ok(calendar())) as server:
            store, other = desk.store(server), desk.store(server)
            assert store == other and hash(store) == hash(other)
            refresh([store])
            copy = pickle.loads(pickle.dumps(store))
            assert copy == store
            assert copy.read("") == calendar()
            copy.remotes.mirror.close()
            assert FeedStore("other", store.remotes, DAY, url="https://other.example/x") != store

    def test_a_redirect_is_followed(self, desk: Desk) -> None:
        """Feeds move."""

        def script(request: Request) -> bytes:
            return ok(calendar()) if request.target == "/new" else reply(301, location="/new")

        with fault_server(script) as server:
            assert desk.read(server) == calendar()

    def test_a_packed_answer(self, desk: Desk) -> None:
        """As many servers send it."""
        with fault_server(ok(gzip.compress(calendar(5)), content_encoding="gzip")) as server:
            assert desk.read(server) == calendar(5)

    def test_the_state_changes_iff_the_content_does(self, desk: Desk) -> None:
        """Of the resource, and of the whole."""
        bodies = [calendar(1), calendar(1), calendar(2), calendar(1)]
        with fault_server([ok(body) for body in bodies]) as server:
            seen = []
            for _ in bodies:
                store = desk.store(server)
                refresh([store])
                seen.append((store.look(), store.summary(), store.state("")))
                desk.later(HOUR)
        assert seen[0] == seen[1] == seen[3] != seen[2]
        assert seen[0][0][0][1] == seen[0][2]
        assert seen[0][1] != seen[2][1]


class TestAskingAgain:
    """A feed is asked when it is due, and only for what is new."""

    def test_it_is_asked_once_in_five_minutes(self, desk: Desk) -> None:
        """Many commands in a row do not disturb the server."""
        with fault_server(ok(calendar())) as server:
            for _ in range(3):
                desk.read(server)
            desk.later(299)
            desk.read(server)
            assert len(server.requests) == 1
            desk.later(1)
            desk.read(server)
            assert len(server.requests) == 2
            desk.read(server, at_once=True)
            assert len(server.requests) == 3

    @pytest.mark.parametrize(
        ("headers", "lines", "due"),
        [
            ({"cache_control": "max-age=3600"}, [], HOUR),
            ({}, ["REFRESH-INTERVAL;VALUE=DURATION:PT2H", "X-PUBLISHED-TTL:PT1H"], 2 * HOUR),
            ({"cache_control": "max-age=10"}, ["X-PUBLISHED-TTL:P1W"], 12 * HOUR),
        ],
    )
    def test_it_says_how_often(
        self, desk: Desk, headers: Mapping[str, str], lines: list[str], due: int
    ) -> None:
        """In a header or in the calendar, up to 12 hours."""
        with fault_server(ok(calendar(1, *lines), **headers)) as server:
            desk.read(server)
            desk.later(due - 1)
            desk.read(server)
            assert len(server.requests) == 1
            desk.later(1)
            desk.read(server)
            assert len(server.requests) == 2

    def test_a_clock_that_was_set_back(self, desk: Desk) -> None:
        """An answer from the future is no reason to wait."""
        with fault_server(ok(calendar())) as server:
            desk.read(server)
            desk.later(-HOUR)
            desk.read(server)
            assert len(server.requests) == 2

    def test_once_in_a_command(self, desk: Desk) -> None:
        """Until the command wants to know anew."""
        with fault_server([ok(calendar()), reply(500)]) as server:
            store = desk.store(server, at_once=True)
            for _ in range(2):
                assert refresh([store, store]) == {}
            assert len(server.requests) == 1
            store.remotes.forget()
            refresh([store])
            assert len(server.requests) == 2

    def test_answers_grow_old(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        """A program that goes on with one workspace asks again."""
        with fault_server(ok(calendar())) as server:
            store = desk.store(server, at_once=True)
            refresh([store])
            monkeypatch.setattr(remotes, "ANSWER_SECONDS", -1.0)
            refresh([store])
            assert len(server.requests) == 2

    def test_only_what_is_new_is_sent(self, desk: Desk) -> None:
        """By the ETag and the date of the last answer."""
        date = "Mon, 23 Nov 2026 07:00:00 GMT"

        def script(request: Request) -> bytes:
            if request.headers.get("if-none-match") == '"1"':
                assert request.headers["if-modified-since"] == date
                return reply(304, content_length=None)
            return ok(calendar(2), etag='"1"', last_modified=date)

        with fault_server(script) as server:
            assert desk.read(server) == calendar(2)
            desk.later(HOUR)
            assert desk.read(server) == calendar(2)
            desk.later(60)
            assert desk.store(server).age() == 60
            assert len(server.requests) == 2

    def test_not_modified_without_a_question(self, desk: Desk) -> None:
        """Nobody has said what it should be compared with."""
        answer = reply(304, content_length=None)
        with fault_server(answer) as server, pytest.raises(InvalidFile, match="answers 304"):
            desk.read(server)

    def test_a_lost_mirror(self, desk: Desk) -> None:
        """Everything is asked for, without conditions."""
        with fault_server(ok(calendar(), etag='"1"')) as server:
            desk.read(server)
            desk.mirror = Mirror(desk.folder / "another.sqlite")
            assert desk.read(server) == calendar()
            assert "if-none-match" not in server.requests[1].headers


UNREACHABLE: dict[str, list[Answer]] = {
    "an error of the server": [reply(500)],
    "too many requests": [reply(429, retry_after="60")],
    "no answer": [[HANG]],
    "a closed connection": [[CLOSE]],
    "a reset": [[RESET]],
    "a cut body": [[ok(calendar())[:-9], CLOSE]],
    "a cut chunk": [[reply(200, calendar(), chunk=50)[:-9], CLOSE]],
    "a cut packed body": [ok(gzip.compress(calendar())[:-9], content_encoding="gzip")],
}
INVALID = {
    "a page of HTML": (reply(200, b"<!DOCTYPE html><p>Log in"), "a web page, not a calendar"),
    "an empty body": (ok(b""), "the server sent nothing"),
    "no content": (reply(204), "answers 204"),
    "a calendar without an end": (ok(calendar()[:-20]), "is incomplete"),
    "something else": (ok(b"hello"), "not a calendar"),
    "not found": (reply(404, b"<html>"), r"no calendar at its address \(404\)"),
    "gone": (reply(410), r"no calendar at its address \(410\)"),
    "forbidden": (reply(403), "answers 403"),
    "a part": (reply(206, calendar()), "answers 206"),
    "a login": (reply(401, www_authenticate="Basic"), "asks for a login"),
    "a redirect in circles": (reply(302, location="/"), "redirects more than 5 times"),
    "too much": (ok(b"BEGIN:VCALENDAR\r\n" + b"X:y\r\n" * (13 << 20)), "larger than 64 MiB"),
    "a bomb": (ok(gzip.compress(bytes(8 << 20)), content_encoding="gzip"), "packed more than 100 times"),
}


class TestFaults:
    """Whatever the server does, what was known stays as it was."""

    @pytest.mark.parametrize("fault", UNREACHABLE)
    def test_never_reached(self, desk: Desk, fault: str) -> None:
        """A feed that was never read is unknown, not empty."""
        with fault_server(UNREACHABLE[fault]) as server:
            with pytest.raises(Unreachable) as caught:
                desk.read(server, timeout=0.3)
            assert quiet(caught.value).startswith(f"localhost:{server.port}: ")
            assert desk.mirror.look(desk.store(server).key) is None

    @pytest.mark.parametrize("fault", UNREACHABLE)
    def test_not_reached_now(self, desk: Desk, fault: str) -> None:
        """What was read today counts, and then no more."""
        with fault_server([ok(calendar(2)), *UNREACHABLE[fault]]) as server:
            assert desk.read(server) == calendar(2)
            desk.later(DAY)
            assert desk.read(server, timeout=0.3) == calendar(2)
            assert desk.store(server).remark() == "was last read 1 day ago; later changes are not known"
            desk.later(1)
            with pytest.raises(Unreachable, match=r"; last read 1 day ago$") as caught:
                desk.read(server, timeout=0.3)
            assert quiet(caught.value)

    @pytest.mark.parametrize("fault", INVALID)
    def test_a_wrong_answer(self, desk: Desk, fault: str) -> None:
        """It is refused at once, with the reason, and the mirror keeps what it had."""
        answer, said = INVALID[fault]
        with fault_server([ok(calendar(2)), answer]) as server:
            assert desk.read(server) == calendar(2)
            desk.later(HOUR)
            store = desk.store(server)
            before = desk.mirror.look(store.key)
            with pytest.raises(GbookError, match=said) as caught:
                desk.read(server)
            assert quiet(caught.value)
            assert caught.value.exit_code == 5
            assert desk.mirror.look(store.key) == before
            assert desk.read(server, offline=True) == calendar(2)

    def test_the_remark_about_its_age(self, desk: Desk) -> None:
        """From twice the time after which it should have been read."""
        with fault_server([ok(calendar(1, "X-PUBLISHED-TTL:PT1H")), reply(503)]) as server:
            desk.read(server)
            for seconds, said in ((2 * HOUR, None), (1, "was last read 2 hours ago; ")):
                desk.later(seconds)
                desk.read(server)
                remark = desk.store(server).remark()
                assert remark is None if said is None else remark and remark.startswith(said)

    def test_a_shorter_limit(self, desk: Desk) -> None:
        """With maxAge it is asked sooner, and not used for longer."""
        desk.max_age = 120
        with fault_server([ok(calendar(1, "X-PUBLISHED-TTL:PT1H")), reply(503)]) as server:
            desk.read(server)
            desk.later(121)
            with pytest.raises(Unreachable, match="last read 2 minutes ago"):
                desk.read(server)

    def test_nothing_listens(self, desk: Desk) -> None:
        """A server that is gone."""
        with fault_server(ok(calendar())) as server:
            pass
        with pytest.raises(Unreachable, match="refused"):
            desk.read(server)


class TestLoss:
    """A feed that has lost nearly everything is not believed."""

    @pytest.mark.parametrize(("before", "after"), [(1, 0), (3, 0), (30, 14)])
    def test_until_the_user_says_so(self, desk: Desk, before: int, after: int) -> None:
        """The mirror keeps what it had; `--accept` takes the new content, and then it is normal."""
        with fault_server([ok(calendar(before)), ok(calendar(after), etag='"new"')]) as server:
            desk.read(server)
            for _ in range(2):
                desk.later(HOUR)
                with pytest.raises(InvalidFile, match="gbook calendar refresh --accept"):
                    desk.read(server)
            assert desk.read(server, offline=True) == calendar(before)
            assert desk.read(server, accept=True) == calendar(after)
            assert desk.read(server) == calendar(after)

    def test_an_ordinary_change(self, desk: Desk) -> None:
        """Half of the events may go."""
        with fault_server([ok(calendar(30)), ok(calendar(15)), ok(calendar(8))]) as server:
            for events in (30, 15, 8):
                assert desk.read(server) == calendar(events)
                desk.later(HOUR)


class TestOffline:
    """No server is asked."""

    def test_the_mirror_answers(self, desk: Desk) -> None:
        """However old it is, or as old as it may be."""
        with fault_server(ok(calendar())) as server:
            with pytest.raises(Unreachable, match="was never read"):
                desk.read(server, offline=True)
            desk.read(server)
            desk.later(3 * DAY)
            assert desk.read(server, offline=True) == calendar()
            assert desk.read(server, offline=True, oldest=3 * DAY) == calendar()
            with pytest.raises(Unreachable, match="was last read 3 days ago, and --offline allows 2 days"):
                desk.read(server, offline=True, oldest=2 * DAY)
            assert len(server.requests) == 1


class TestCommand:
    """A program may print the address: it is in no file then."""

    def printing(self, text: str) -> tuple[str, ...]:
        return sys.executable, "-c", f"print({text!r})"

    def test_it_is_run_when_the_feed_is_due(self, desk: Desk) -> None:
        """And not before."""
        with fault_server(ok(calendar())) as server:
            log = desk.folder / "runs"
            program = f"echo x >> {shlex.quote(str(log))}; echo {server.url}{SECRET}"
            desk.command = "sh", "-c", program
            for _ in range(2):
                assert desk.read(server) == calendar()
            assert log.read_text() == "x\n"
            assert server.requests[0].target == f"/{SECRET}"
            assert SECRET not in desk.store(server).key
            assert SECRET.encode() not in (desk.folder / "mirror.sqlite").read_bytes()

    def test_another_address_is_another_feed(self, desk: Desk) -> None:
        """What the server of the old one said of versions and sizes does not count."""

        def script(request: Request) -> bytes:
            return ok(calendar(9 if request.target == "/old" else 1), etag='"1"')

        with fault_server(script) as server:
            address = desk.folder / "address"
            desk.command = "cat", str(address)
            for target, events in (("old", 9), ("new", 1)):
                address.write_text(f"{server.url}{target}\n")
                credentials._SECRETS.clear()
                assert desk.read(server, at_once=True) == calendar(events)
            assert "if-none-match" not in server.requests[1].headers

    @pytest.mark.parametrize(
        "printed",
        [
            "nothing",
            f"ftp://example.org/{SECRET}",
            f"http://example.org/{SECRET}",
            f"a b {SECRET}",
            "\xff",
        ],
    )
    def test_it_prints_something_else(self, desk: Desk, printed: str) -> None:
        """The message does not repeat it."""
        desk.command = self.printing(printed)
        with fault_server(ok(calendar())) as server:
            with pytest.raises(InvalidFile, match="did not print the address of a feed") as caught:
                desk.read(server)
            assert quiet(caught.value).startswith("urlCommand pass: ")

    def test_it_fails(self, desk: Desk) -> None:
        """The feed cannot be reached then; what it printed is not shown."""
        desk.command = sys.executable, "-c", f"print('{SECRET}'); raise SystemExit('locked')"
        with fault_server(ok(calendar())) as server:
            with pytest.raises(Unreachable, match="locked") as caught:
                desk.read(server)
            assert quiet(caught.value)
            desk.command = self.printing("")
            with pytest.raises(Unreachable, match="printed nothing"):
                desk.read(server)
            desk.command = ("no-such-program",)
            with pytest.raises(Unreachable, match="no-such-program cannot be run"):
                desk.read(server)


class TestManyServers:
    """All are asked at the same time, within one deadline."""

    def stores(self, desk: Desk, servers: list[FaultServer], **asking: object) -> list[RemoteStore]:
        shared = Remotes(desk.mirror, desk.folder, Asking(**asking))  # type: ignore[arg-type]
        return [
            FeedStore(server.url.split("/")[2], shared, DAY, url=f"{server.url}{number}")
            for server in servers
            for number in range(3)
        ]

    def test_a_slow_one_does_not_hold_up_the_others(self, desk: Desk) -> None:
        """Only its own calendars are not known, and each has the reason."""
        with fault_server(ok(calendar())) as quick, fault_server([[HANG]]) as slow:
            stores = self.stores(desk, [slow, quick], timeout=0.5)
            failed = refresh(stores)
            assert list(failed) == stores[:3]
            assert all("did not answer within" in error.message for error in failed.values())
            assert all(store.look() for store in stores[3:])
            assert quick.connections == 1

    def test_the_time_is_that_of_the_command(self, desk: Desk) -> None:
        """What one request has used is missing to the next one."""
        with fault_server([[HANG]]) as slow:
            stores = self.stores(desk, [slow], timeout=0.3)
            refresh(stores)
            stores[0].remotes.forget()
            assert set(refresh(stores)) == set(stores)
            assert slow.connections <= 1

    def test_a_bug_is_not_hidden(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        """It is raised in the thread that asked."""

        def fail(*_: object) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr(FeedStore, "_update", fail)
        with fault_server(ok(calendar())) as server, pytest.raises(ZeroDivisionError):
            refresh(self.stores(desk, [server]))
