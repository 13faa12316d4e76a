"""Calendars on servers, as commands show them: feeds from a real server on a loopback port."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.caldav_servers import CalDavServer
from support.environment import NOW
from support.fault_server import FaultServer, Request, fault_server, reply
from support.office import SLOT, make_office, snapshot
from support.running import Gbook
from support.server_office import make_server_office

from gbook.calendars.busy import loader
from gbook.calendars.stores.mirror import Mirror

SECRET = "private-3f9a2c"
TUESDAY = ("--from", "2026-11-24", "--for", "1d")
GUEST = ("--name", "Gwen", "--email", "gwen@example.org")


def feed(*hours: int) -> bytes:
    """A feed with a meeting on Tuesday at each of these hours (UTC)."""
    events = [
        f"BEGIN:VEVENT\r\nUID:{hour}\r\nDTSTART:20261124T{hour:02}0000Z\r\n"
        f"DTEND:20261124T{hour + 1:02}0000Z\r\nSUMMARY:Meeting {hour}\r\nEND:VEVENT\r\n"
        for hour in hours
    ]
    return "".join(["BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", *events, "END:VCALENDAR\r\n"]).encode()


class Site:
    """A server whose answer can change; it counts what it is asked."""

    def __init__(self) -> None:
        self.answer = reply(200, feed(9))
        self.server: FaultServer

    def __call__(self, request: Request) -> bytes:
        return self.answer

    @property
    def url(self) -> str:
        return f"{self.server.url}{SECRET}/basic.ics"

    @property
    def host(self) -> str:
        return f"localhost:{self.server.port}"

    @property
    def asked(self) -> int:
        return len(self.server.requests)


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    with fault_server(site) as site.server:
        yield site


@pytest.fixture
def office(tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The office; alice has a feed beside her calendar."""
    folder = make_office(tmp_path / "office")
    config = (folder / "gbook.yaml").read_text()
    calendars = f"calendars: [alice.ics, {{url: '{site.url}'}}]"
    (folder / "gbook.yaml").write_text(config.replace("calendars: [alice.ics]", calendars))
    monkeypatch.chdir(folder)
    return folder


def later(monkeypatch: pytest.MonkeyPatch, clock: str) -> None:
    monkeypatch.setenv("GBOOK_NOW", clock)


def starts(gbook: Gbook, *arguments: str) -> list[str]:
    """The starts of the slots of Tuesday at which all members are free."""
    document = gbook.json("availability", "--required", "all", *TUESDAY, *arguments)
    return [slot["start"][11:16] for slot in document["items"]]


class TestQueries:
    """A feed takes time like a file."""

    def test_its_events_block(self, gbook: Gbook, office: Path) -> None:
        """And the agenda shows where they come from."""
        assert not {"09:00", "09:30"} & {*starts(gbook)}
        assert {"08:30", "10:00"} <= {*starts(gbook)}
        [item] = gbook.json("agenda", "alice", "--from", "2026-11-24", "--to", "2026-11-24")["items"]
        assert item["subject"] == "Meeting 9"
        assert item["calendar"].startswith("localhost:")

    def test_what_has_changed_is_seen(
        self, gbook: Gbook, office: Path, site: Site, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """When the feed is due again."""
        starts(gbook)
        site.answer = reply(200, feed(9, 11))
        assert "11:00" in starts(gbook)
        later(monkeypatch, "2026-11-23T08:05:00Z")
        assert "11:00" not in starts(gbook)
        assert site.asked == 2

    def test_a_warm_query_reads_nothing(
        self, gbook: Gbook, office: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The index knows the content by the revision of the mirror."""
        cold = starts(gbook)

        def fail(*_: object) -> bytes:
            raise AssertionError("it was read")

        monkeypatch.setattr(Mirror, "read", fail)
        monkeypatch.setattr(Mirror, "states", fail)
        assert starts(gbook) == cold

    @pytest.mark.parametrize("options", [(), ("--no-index",)])
    def test_several_processes_read_it(
        self, gbook: Gbook, office: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
    ) -> None:
        """They open the mirror again, or have it in memory."""
        once = starts(gbook)
        monkeypatch.setattr(loader, "PARALLEL_BYTES", 0)
        monkeypatch.setattr(os, "cpu_count", lambda: 3)
        (office / "gbook.yaml").write_text((office / "gbook.yaml").read_text() + "\n# read all again\n")
        monkeypatch.setenv("GBOOK_NOW", "2026-11-23T08:01:00Z")
        assert starts(gbook, *options) == once

    def test_without_an_index_it_is_read_each_time(self, gbook: Gbook, office: Path, site: Site) -> None:
        """Nothing is stored."""
        for number in (1, 2):
            starts(gbook, "--no-index")
            assert site.asked == number
        assert not list(Path(os.environ["XDG_CACHE_HOME"]).rglob("mirror*"))

    def test_a_feed_that_is_not_known_is_never_free(self, gbook: Gbook, office: Path, site: Site) -> None:
        """The warning says why; it is an account of its own, so the others are free."""
        site.answer = reply(503)
        result = gbook("availability", "--required", "1", *TUESDAY, "--json")
        [warning] = result.document["warnings"]
        assert (warning["code"], warning["path"]) == ("unreachable_calendar", site.host)
        assert warning["message"] == "answers 503 Service Unavailable"
        assert f"warning: {site.host}: answers 503" in result.err
        assert result.document["items"]
        assert starts(gbook) == []
        assert f"{site.host}: answers 503 Service Unavailable" in gbook("why", SLOT).out
        assert gbook("availability", "--strict").code == 5

    def test_a_wrong_answer_is_never_free(
        self, gbook: Gbook, office: Path, site: Site, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Even if the feed was known before."""
        starts(gbook)
        later(monkeypatch, "2026-11-23T08:05:00Z")
        site.answer = reply(200, b"<html>Please log in</html>")
        assert starts(gbook) == []
        [warning] = gbook.json("availability", *TUESDAY)["warnings"]
        assert warning["code"] == "unreadable_calendar"
        assert "a web page, not a calendar" in warning["message"]

    def test_an_old_feed_is_used_with_a_warning(
        self, gbook: Gbook, office: Path, site: Site, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Until it is older than maxAge."""
        known = starts(gbook)
        site.answer = reply(503)
        later(monkeypatch, "2026-11-23T20:00:00Z")
        assert starts(gbook) == known
        [warning] = gbook.json("availability", *TUESDAY)["warnings"]
        assert (warning["code"], warning["accountId"]) == ("old_feed", "alice")
        assert warning["message"] == "was last read 12 hours ago; later changes are not known"
        later(monkeypatch, "2026-11-24T08:00:01Z")
        assert starts(gbook) == []

    def test_the_feed_of_another_account(self, gbook: Gbook, office: Path, site: Site) -> None:
        """It is not asked: what a feed says takes the time of its own account only."""
        gbook.json("availability", "--with", "bob", "--duration", "30", *TUESDAY)
        assert site.asked == 0


class TestBooking:
    """What a feed says counts when a slot is booked; the feed itself is only read."""

    def test_its_time_cannot_be_booked(self, gbook: Gbook, office: Path, site: Site) -> None:
        """Nor can any time while it is not known."""
        assert gbook("book", "--slot", "2026-11-24T09:00Z", "--required", "all", *GUEST).code == 3
        assert gbook("book", "--slot", SLOT, *GUEST).code == 0
        site.answer = reply(503)
        again = gbook("--no-index", "book", "--slot", "2026-11-24T15:00Z", "--required", "all", *GUEST)
        assert again.code == 6
        assert f"{site.host}: answers 503" in again.err

    def test_a_feed_is_no_place_for_bookings(self, gbook: Gbook, office: Path) -> None:
        """It is readonly, whatever gbook.yaml says."""
        config = (office / "gbook.yaml").read_text()
        (office / "gbook.yaml").write_text(
            config.replace("[alice.ics, {", "[{").replace("basic.ics'", "basic.ics', readonly: false")
        )
        assert starts(gbook) == []
        [finding] = [
            one for one in gbook("check", "--json").document["problems"] if one["code"] != "left_over"
        ]
        assert finding["code"] == "readonly_primary"


class TestOffline:
    """--offline asks nobody, says of when the answer is, and changes nothing."""

    def test_the_mirror_answers(
        self, gbook: Gbook, office: Path, site: Site, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As of its last reading."""
        known = starts(gbook)
        site.answer = reply(500)
        later(monkeypatch, "2026-11-23T12:00:00Z")
        assert starts(gbook, "--offline") == known
        assert starts(gbook, "--offline=4h") == known
        assert starts(gbook, "--offline=3h") == []
        assert site.asked == 1
        document = gbook.json("availability", "--offline", *TUESDAY)
        assert document["asOf"] == NOW
        assert "asOf" not in gbook.json("availability", *TUESDAY)
        text = gbook("availability", "--offline", *TUESDAY)
        moment = "Mon 23 Nov 2026 08:00 UTC"
        assert f"note: no server was asked; calendars on servers are as of {moment} or later" in text.err

    def test_nothing_is_known_yet(self, gbook: Gbook, office: Path, site: Site) -> None:
        """Then the account is not free."""
        assert starts(gbook, "--offline") == []
        assert site.asked == 0

    @pytest.mark.parametrize(
        "command",
        [
            ("book", "--slot", SLOT, *GUEST),
            ("propose", "--first", "2", "--for", "2d"),
            ("book", "--slot", "first"),
        ],
    )
    def test_nothing_is_booked(self, gbook: Gbook, office: Path, command: tuple[str, ...]) -> None:
        """With exit code 6, and nothing is written."""
        starts(gbook)
        before = snapshot(office)
        result = (
            gbook(*command, *GUEST, "--offline") if "--name" not in command else gbook(*command, "--offline")
        )
        assert (result.code, "asking the servers" in result.err) == (6, True), result.err
        assert snapshot(office) == before

    def test_files_are_booked_as_ever(
        self, gbook: Gbook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """In a workspace without servers the option means nothing."""
        monkeypatch.chdir(make_office(tmp_path / "files"))
        assert gbook("book", "--slot", SLOT, *GUEST, "--offline").code == 0

    @pytest.mark.parametrize(
        ("option", "said"),
        [
            ("--offline=soon", "--offline: expected a length"),
            ("--offline=", "--offline"),
            ("--timeout=0", "--timeout"),
            ("--timeout=x", "--timeout"),
        ],
    )
    def test_wrong_options(self, gbook: Gbook, office: Path, option: str, said: str) -> None:
        """They are errors of the command line."""
        result = gbook("availability", option)
        assert result.code == 2
        assert said in result.err

    def test_a_completion_asks_nobody(
        self, gbook: Gbook, office: Path, site: Site, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A shell waits for it."""
        starts(gbook)
        later(monkeypatch, "2026-11-23T12:00:00Z")
        monkeypatch.setenv("COMP_WORDS", "gbook\nbook\n--slot\n")
        monkeypatch.setenv("COMP_CWORD", "3")
        monkeypatch.setenv("_GBOOK_COMPLETE", "complete_bash")
        assert "2026-11-24" in gbook("book").out
        assert site.asked == 1


class TestCalendarCommands:
    """`gbook calendar list` and `refresh`."""

    def test_the_list(self, gbook: Gbook, office: Path, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
        """Every calendar, with its kind and what is known of it; no server is asked."""
        [first, unknown, *others] = gbook.json("calendar", "list")["records"]
        assert first == {
            "accountId": "alice",
            "calendar": "alice.ics",
            "kind": "file",
            "checkedAt": None,
            "age": None,
            "events": 1,
            "writable": True,
            "code": None,
            "note": None,
        }
        assert (unknown["kind"], unknown["checkedAt"], unknown["writable"]) == ("feed", None, False)
        assert unknown["code"] == "unreachable_calendar"
        assert unknown["note"] == "was never read; run `gbook calendar refresh`"
        assert [one["kind"] for one in others] == ["file", "vdir"]
        assert site.asked == 0
        starts(gbook)
        later(monkeypatch, "2026-11-23T08:30:00Z")
        [_, known] = gbook.json("calendar", "list", "alice")["records"]
        assert (known["checkedAt"], known["age"], known["events"]) == (NOW, 1800, 1)
        assert (known["code"], known["note"]) == (
            "old_feed",
            "was last read 30 minutes ago; later changes are not known",
        )
        assert gbook("calendar", "list", "nobody").code == 4

    def test_the_list_as_text(self, gbook: Gbook, office: Path, site: Site) -> None:
        """One line for each calendar."""
        starts(gbook)
        lines = gbook(
            "calendar", "list", "--format", "{account} {calendar} {kind} {age} {events} {writable}"
        ).out
        assert lines.splitlines() == [
            "alice alice.ics file  1 yes",
            f"alice {site.host} feed less than a minute ago 1 no",
            "bob bob.ics file  1 yes",
            "carol carol vdir  0 yes",
        ]
        assert "less than a minute ago" in gbook("calendar", "list").out

    def test_a_damaged_file_is_in_the_list(self, gbook: Gbook, office: Path) -> None:
        """With what is wrong."""
        (office / "bob.ics").unlink()
        [bob] = gbook.json("calendar", "list", "bob")["records"]
        assert (bob["events"], bob["code"]) == (None, "unreadable_calendar")

    def test_refresh_asks_at_once(self, gbook: Gbook, office: Path, site: Site) -> None:
        """However short ago the feed was read."""
        for number in (1, 2):
            [one] = gbook.json("calendar", "refresh")["records"]
            assert (one["accountId"], one["events"], one["note"]) == ("alice", 1, None)
            assert site.asked == number
        assert gbook.json("calendar", "refresh", "bob")["records"] == []
        assert "No calendars on servers" in gbook("calendar", "refresh", "bob").out
        assert gbook("calendar", "refresh", "--offline").code == 2

    @pytest.mark.parametrize(
        ("answer", "code", "said"),
        [
            (reply(503), 6, "answers 503"),
            (reply(404), 5, "no calendar at its address"),
            (reply(401), 5, "asks for a login"),
        ],
    )
    def test_refresh_that_fails(
        self, gbook: Gbook, office: Path, site: Site, answer: bytes, code: int, said: str
    ) -> None:
        """The exit code says so, and the list why."""
        starts(gbook)
        site.answer = answer
        result = gbook("calendar", "refresh", "--json")
        [one] = result.document["records"]
        assert result.code == code
        assert said in one["note"]
        assert one["events"] == 1

    def test_a_loss_is_accepted(self, gbook: Gbook, office: Path, site: Site) -> None:
        """Only when the user says so."""
        starts(gbook)
        site.answer = reply(200, feed())
        refused = gbook("calendar", "refresh")
        assert refused.code == 5
        assert "--accept" in refused.out
        [one] = gbook.json("calendar", "refresh", "--accept")["records"]
        assert one["events"] == 0
        assert "09:00" in starts(gbook)


class TestConfig:
    """A calendar of gbook.yaml that is on a server."""

    @pytest.mark.parametrize(
        ("entry", "said"),
        [
            ("{}", "expected one of path, url and urlCommand, found none"),
            ("{path: a.ics, url: 'https://example.org/x'}", "found path and url"),
            ("{url: 'http://example.org/x'}", "starts with https://"),
            ("{url: 'ftp://example.org/x'}", "starts with https://"),
            ("{url: 'https://user:pass@example.org/x'}", "without a user name"),
            ("{url: 5}", "expected an address"),
            ("{url: 'https://example.org/x', server: work}", "no server 'work' in servers"),
            ("{path: a.ics, server: work}", "server belongs to a calendar with a url"),
            ("{path: 'https://example.org/x'}", "give an address as url"),
            ("{urlCommand: []}", "urlCommand"),
            ("{url: 'https://example.org/x', maxAge: soon}", "expected a length"),
            ("{url: 'https://example.org/x', maxAge: 5}", "expected a length of time"),
        ],
    )
    def test_a_mistake(self, gbook: Gbook, office: Path, entry: str, said: str) -> None:
        """It is reported with its line; an address is not repeated."""
        config = (office / "gbook.yaml").read_text()
        (office / "gbook.yaml").write_text(config.replace("calendars: [bob.ics]", f"calendars: [{entry}]"))
        result = gbook("account", "list")
        assert result.code == 5
        assert said in result.err
        assert "example.org/x" not in result.err
        assert "pass@" not in result.err

    def test_check_reads_what_is_valid(self, gbook: Gbook, office: Path) -> None:
        """A calendar on a server that gbook.yaml does not have is left out."""
        config = (office / "gbook.yaml").read_text()
        listed = "calendars: [bob.ics, {url: 'https://example.org/x', server: work}]"
        (office / "gbook.yaml").write_text(config.replace("calendars: [bob.ics]", listed))
        [problem] = gbook("check", "--json").document["problems"]
        assert "no server 'work' in servers" in problem["message"]

    def test_an_address_alone(self, gbook: Gbook, office: Path, site: Site) -> None:
        """`webcal:` and `webcals:` are https; a calendar that is only an address is a feed."""
        config = (office / "gbook.yaml").read_text()
        listed = "calendars: [bob.ics, 'webcal://Example.org/holidays.ics', webcals://two.example/x]"
        (office / "gbook.yaml").write_text(config.replace("calendars: [bob.ics]", listed))
        [_, *feeds] = gbook.json("account", "show", "bob")["calendars"]
        assert [(one["feed"], one["readonly"], one["maxAge"]) for one in feeds] == [
            ("example.org", True, "24h"),
            ("two.example", True, "24h"),
        ]

    def test_the_same_feed_twice(self, gbook: Gbook, office: Path, site: Site) -> None:
        """It is a mistake, as with files."""
        config = (office / "gbook.yaml").read_text()
        twice = f"calendars: [bob.ics, '{site.url}', '{site.url}']"
        (office / "gbook.yaml").write_text(config.replace("calendars: [bob.ics]", twice))
        assert f"calendar '{site.host}' is listed twice" in gbook("account", "list").err

    def test_an_account_is_added_with_a_feed(self, gbook: Gbook, office: Path, site: Site) -> None:
        """If the feed can be read."""
        added = gbook("account", "add", "dora", "--email", "d@example.org", "--calendar", site.url)
        assert added.out.startswith(f"Added account dora; {site.host} is only read, so it cannot be booked")
        assert site.url in (office / "gbook.yaml").read_text()
        site.answer = reply(404)
        other = gbook("account", "add", "emil", "--email", "e@example.org", "--calendar", f"{site.url}x")
        assert other.code == 5
        assert "emil" not in (office / "gbook.yaml").read_text()
        changed = gbook("account", "update", "bob", "--calendar", "bob.ics", "--calendar", site.url)
        assert changed.code == 0
        assert site.host in changed.out

    def test_check_reads_feeds(self, gbook: Gbook, office: Path, site: Site) -> None:
        """Their events are counted; a server that is down is a warning, a wrong answer an error."""
        assert "3 events" in gbook("check").out
        site.answer = reply(503)
        report = gbook("--no-index", "check", "--json")
        assert report.code == 0
        assert [(one["code"], one["path"]) for one in report.document["problems"]] == [
            ("unreachable_calendar", site.host)
        ]
        site.answer = reply(200, b"<html>")
        report = gbook("--no-index", "check", "--json")
        assert report.code == 5
        assert [one["code"] for one in report.document["problems"]] == ["unreadable_calendar"]

    def test_the_address_is_never_shown(
        self, gbook: Gbook, office: Path, site: Site, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """By no command, in no form, with and without faults."""
        commands = (
            "availability",
            "availability --view people",
            f"why {SLOT}",
            "busy alice",
            "agenda alice",
            "account list",
            "account show alice",
            "calendar list",
            "calendar refresh",
            "booking list",
            "check",
            "book --slot 2026-11-24T09:00Z --name G --email g@example.org",
        )
        minute = 0
        for answer in (
            reply(200, feed(9)),
            reply(503),
            reply(404),
            reply(200, b"<html>"),
            reply(302, location="/"),
        ):
            site.answer = answer
            minute += 6
            later(monkeypatch, f"2026-11-23T08:{minute:02}:00Z")
            for command in commands:
                for form in ((), ("--json",)):
                    result = gbook(*command.split(), *form)
                    assert SECRET not in result.out + result.err, command


class TestServers:
    """Calendars on real CalDAV servers."""

    @pytest.fixture
    def url(self, calendar_server: CalDavServer) -> str:
        return calendar_server.new_calendar("alice")

    @pytest.fixture
    def office(
        self, tmp_path: Path, calendar_server: CalDavServer, url: str, monkeypatch: pytest.MonkeyPatch
    ) -> Path:
        """alice's calendar is on the server, bob's in a file."""
        folder = tmp_path / "office"
        make_server_office(folder, calendar_server, {"alice": url, "bob": "bob.ics"})
        monkeypatch.chdir(folder)
        return folder

    def test_they_are_listed_and_read(
        self, gbook: Gbook, office: Path, url: str, calendar_server: CalDavServer
    ) -> None:
        """With the address, which is no secret, and the number of their events."""
        calendar_server.put(f"{url}one.ics", feed(9))
        [unknown, _] = gbook.json("calendar", "list")["records"]
        assert (unknown["kind"], unknown["events"], unknown["writable"]) == ("caldav", None, True)
        [read] = gbook.json("calendar", "refresh")["records"]
        assert (read["calendar"], read["events"], read["checkedAt"], read["note"]) == (url, 1, NOW, None)
        assert gbook.json("calendar", "list", "alice")["records"] == [read]
        listed = gbook("calendar", "list").out
        name = url.rstrip("/").rpartition("/")[2]
        assert f"/{name}/" in listed and "http://" not in listed
        assert listed.splitlines()[0].split() == ["account", "calendar", "kind", "confirmed", "content"]

    def test_offline(
        self,
        gbook: Gbook,
        office: Path,
        url: str,
        calendar_server: CalDavServer,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """The mirror answers, as of its last reading; nothing is booked."""
        calendar_server.put(f"{url}one.ics", feed(9))
        known = starts(gbook)
        assert "09:00" not in known
        calendar_server.put(f"{url}two.ics", feed(11))
        later(monkeypatch, "2026-11-23T09:00:00Z")
        assert starts(gbook, "--offline") == known
        assert gbook.json("availability", "--offline", *TUESDAY)["asOf"] == NOW
        assert gbook("book", "--slot", SLOT, "--required", "all", *GUEST, "--offline").code == 6
        assert "11:00" not in starts(gbook)

    def test_what_is_not_confirmed_is_not_free(self, gbook: Gbook, office: Path) -> None:
        """However fresh the mirror is: others book there too."""
        assert starts(gbook)
        config = (office / "gbook.yaml").read_text()
        (office / "gbook.yaml").write_text(config.replace("correct horse", "wrong"))
        document = gbook.json("availability", "--required", "all", *TUESDAY)
        if document["items"]:
            pytest.skip("this server takes any password")
        [warning] = document["warnings"]
        assert (warning["code"], warning["accountId"]) == ("unreadable_calendar", "alice")
        assert warning["message"] == "refuses the login; check the user name and the password"
        [problem] = gbook("check", "--json").document["problems"]
        assert (problem["severity"], problem["code"]) == ("error", "unreadable_calendar")
        assert problem["message"].endswith("the password; until it can be read, the account counts as busy")

    def test_a_server_that_is_down(self, gbook: Gbook, office: Path, url: str) -> None:
        """The account is not free, and cannot be booked."""
        assert starts(gbook)
        with fault_server(reply(503)) as other:
            config = (office / "gbook.yaml").read_text()
            port = url.split(":")[2].split("/", maxsplit=1)[0]
            (office / "gbook.yaml").write_text(config.replace(f":{port}/", f":{other.port}/"))
            document = gbook.json("availability", "--required", "all", *TUESDAY)
            assert document["items"] == []
            assert [one["code"] for one in document["warnings"]] == ["unreachable_calendar"]
            assert gbook("book", "--slot", SLOT, "--required", "all", *GUEST).code == 6
