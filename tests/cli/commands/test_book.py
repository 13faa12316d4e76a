"""`gbook book` from outside: every way to name a slot and who meets; what is written, and what it answers."""

from __future__ import annotations

import io
import json
from pathlib import Path

import icalendar
import pytest
from support.office import snapshot
from support.running import Gbook
from support.team import TUESDAY, add_event, event, events, make_team, profile

GUEST = ("--name", "Gwen", "--email", "gwen@example.org")
TOPIC = ("--field", "topic=Looms")
NINE = f"{TUESDAY}09:00:00Z"
GROUPS = "groups: [{extId: sales, accountIds: [bob, carol], required: %s}]\n"


def typed(monkeypatch: pytest.MonkeyPatch, document: object) -> None:
    """What stands on stdin."""
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))


def make_readonly(team: Path, account: str) -> None:
    """The first calendar of an account may not be written."""
    config = (team / "gbook.yaml").read_text()
    path = "carol" if account == "carol" else f"{account}.ics"
    (team / "gbook.yaml").write_text(config.replace(f"[{path}]", f"[{{path: {path}, readonly: true}}]"))


class TestSlot:
    """Every form of --slot."""

    @pytest.mark.parametrize(
        "slot",
        [
            "2026-11-24T09:00Z",
            "2026-11-24T09:00:00Z",
            "2026-11-24T10:00+01:00",
            "2026-11-24T04:00-05:00",
            "2026-11-24T09:00",
            "2026-11-24 09:00",
            "2026-11-24T09:00Z/2026-11-24T09:30Z",
            "2026-11-24T09:00/2026-11-24T04:30-05:00",
            "first",
        ],
    )
    def test_a_time_in_any_notation(self, gbook: Gbook, team: Path, slot: str) -> None:
        """An instant, an offset, a wall clock of the profile, a span, the first."""
        booked = gbook.json("book", "--slot", slot, *GUEST, *TOPIC)
        assert (booked["start"], booked["end"]) == (NINE, f"{TUESDAY}09:30:00Z")

    def test_a_wall_clock_is_that_of_tz(self, gbook: Gbook, team: Path) -> None:
        """Without an offset a time is in --tz; with one --tz changes nothing."""
        local = gbook.json("book", "--slot", "2026-11-24T04:00", "--tz", "America/New_York", *GUEST, *TOPIC)
        assert local["start"] == NINE
        offset = gbook.json("book", "--slot", "2026-11-24T11:00Z", "--tz", "Asia/Tokyo", *GUEST, *TOPIC)
        assert offset["start"] == f"{TUESDAY}11:00:00Z"

    def test_an_item_is_booked_with_its_members(
        self, gbook: Gbook, team: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Its accounts and groups, and none beside them."""
        profile(team, "accounts: [alice]\n" + GROUPS % "one")
        typed(
            monkeypatch,
            {"start": NINE, "end": f"{TUESDAY}09:30:00Z", "groupXids": ["sales"], "accountIds": []},
        )
        booked = gbook.json("book", "--slot", "-", *GUEST, *TOPIC)
        assert (booked["groupXid"], booked["accountIds"]) == ("sales", ["bob"])

    def test_a_document_brings_its_profile_and_required(
        self, gbook: Gbook, team: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The first item, all members; options given beside it win."""
        (team / "profiles/other.yaml").write_text("durationMinutes: 15\naccounts: [carol]\n")
        document = gbook.json("availability", "-p", "demo", "--required", "all")
        typed(monkeypatch, document)
        assert gbook.json("book", "--slot", "-", *GUEST, *TOPIC)["accountIds"] == ["alice", "bob", "carol"]
        typed(monkeypatch, gbook.json("availability", "-p", "demo", "--required", "all"))
        one = gbook.json("book", "--slot", "-", *GUEST, *TOPIC, "--required", "one", "--account", "bob")
        assert one["accountIds"] == ["bob"]

    def test_a_page_of_members_is_not_all_of_them(
        self, gbook: Gbook, team: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """`--required all --members-limit 1` names one member, and still means all."""
        for page in (("--members-limit", "1"), ("--members-offset", "2")):
            typed(monkeypatch, gbook.json("availability", "--required", "all", *page))
            assert gbook.json("book", "--slot", "-", *GUEST, *TOPIC)["accountIds"] == [
                "alice",
                "bob",
                "carol",
            ]

    def test_a_document_of_a_series_brings_its_dates(
        self, gbook: Gbook, team: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Options beside it win; an item alone does not say how the series repeats."""
        series = ("--repeat", "weekly", "--count", "3", "--skip-busy")
        document = gbook.json("availability", *series)
        typed(monkeypatch, document)
        booked = gbook.json("book", "--slot", "-", *GUEST, *TOPIC)
        assert (booked["repeat"]["rule"], len(booked["dates"])) == ("FREQ=WEEKLY;COUNT=3", 3)
        document = gbook.json("availability", *series)
        typed(monkeypatch, document)
        daily = gbook.json("book", "--slot", "-", "--repeat", "daily", "--count", "2", *GUEST, *TOPIC)
        assert daily["repeat"]["rule"] == "FREQ=DAILY;COUNT=2"
        typed(monkeypatch, document["items"][-1])
        refused = gbook("book", "--slot", "-", *GUEST, *TOPIC)
        assert (refused.code, "repeat --repeat and --count" in refused.err) == (2, True)

    @pytest.mark.parametrize(
        "document",
        [
            b"",
            {"items": [{"start": NINE}], "repeat": {"frequency": "weekly", "count": 105}},
            b"\x00\xff",
            b"null",
            b"[]",
            b"{}",
            {"items": [{}]},
            {"items": [{"start": 5}]},
            {"start": "today"},
            {"items": [{"start": NINE}], "required": -1},
            {"items": [{"start": NINE}], "required": 0},
            {"items": [{"start": NINE}], "required": "some"},
        ],
    )
    def test_another_document_is_refused(
        self, gbook: Gbook, team: Path, monkeypatch: pytest.MonkeyPatch, document: object
    ) -> None:
        """With one line that says what stands there; nothing is written."""
        before = snapshot(team)
        typed(monkeypatch, document)
        result = gbook("book", "--slot", "-", "-p", "demo", *GUEST, *TOPIC)
        assert (result.code, result.err.count("\n")) == (2, 1)
        assert snapshot(team) == before

    def test_a_document_without_slots_is_no_wrong_command_line(
        self, gbook: Gbook, team: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A document without slots ends a script with the same exit code as `first`."""
        typed(monkeypatch, gbook.json("availability", "--from", "2026-11-28", "--to", "2026-11-29"))
        result = gbook("book", "--slot", "-", *GUEST, *TOPIC, "--json")
        assert (result.code, json.loads(result.out)["created"]) == (3, False)


class TestMembers:
    """Who meets, and in whose calendar."""

    def book(self, gbook: Gbook, *arguments: str) -> tuple[str, str | None, list[str]]:
        booked = gbook.json("book", "--slot", NINE, *GUEST, *TOPIC, *arguments)
        return booked["host"], booked["groupXid"], booked["accountIds"]

    def test_one_is_the_first_that_is_free(self, gbook: Gbook, team: Path) -> None:
        """In the profile's order."""
        add_event(team / "alice.ics", "09:15", "09:20")
        assert self.book(gbook) == ("bob", None, ["bob"])

    def test_all_are_all(self, gbook: Gbook, team: Path) -> None:
        """The first is the host; everybody has a copy."""
        assert self.book(gbook, "--required", "all") == ("alice", None, ["alice", "bob", "carol"])

    def test_a_number_takes_so_many(self, gbook: Gbook, team: Path) -> None:
        """The first of those who are free."""
        add_event(team / "alice.ics", "09:15", "09:20")
        assert self.book(gbook, "--required", "2") == ("bob", None, ["bob", "carol"])

    @pytest.mark.parametrize(
        ("required", "arguments", "people"),
        [
            ("one", (), "alice (host: alice; 1 of 3 needed)"),
            ("2", (), "alice, bob (host: alice; 2 of 3 needed)"),
            ("2", ("--required", "all"), "alice, bob, carol (host: alice; all 3 needed)"),
            ("all", ("--account", "bob"), "bob (host: bob)"),
        ],
    )
    def test_the_answer_says_how_many_were_needed(
        self, gbook: Gbook, team: Path, required: str, arguments: tuple[str, ...], people: str
    ) -> None:
        """As the profile or --required says; of one member nothing is said."""
        profile(team, f"accounts: [alice, bob, carol]\nrequired: {required}")
        result = gbook("book", "--slot", NINE, *GUEST, *TOPIC, *arguments)
        assert f"\n  with {people}\n" in result.out

    def test_named_in_mode_one_is_the_first_available_of_them(self, gbook: Gbook, team: Path) -> None:
        """However they are ordered on the command line."""
        add_event(team / "bob.ics", "09:15", "09:20")
        found = self.book(gbook, "--account", "carol", "--account", "bob")
        assert found == ("carol", None, ["carol"])

    @pytest.mark.parametrize(
        ("required", "accounts"), [("one", ["bob"]), ("2", ["bob", "carol"]), ("all", ["bob", "carol"])]
    )
    def test_a_group_sends_as_many_as_it_needs(
        self, gbook: Gbook, team: Path, required: str, accounts: list[str]
    ) -> None:
        """One, a number, or all of the accounts; the document names the group."""
        profile(team, GROUPS % required)
        assert self.book(gbook) == ("bob", "sales", accounts)

    def test_an_account_attached_and_in_a_group_meets_once(self, gbook: Gbook, team: Path) -> None:
        """The group sends somebody else where it can."""
        profile(team, "accounts: [bob]\n" + GROUPS % "one")
        assert self.book(gbook, "--required", "all") == ("bob", "sales", ["bob", "carol"])

    def test_the_group_that_takes_part_is_named(self, gbook: Gbook, team: Path) -> None:
        """Also where the host is attached directly; of several groups it is the first."""
        groups = "- {extId: sales, accountIds: [bob]}\n- {extId: tech, accountIds: [carol]}\n"
        profile(team, f"accounts: [alice]\ngroups:\n{groups}")
        assert self.book(gbook, "--required", "2") == ("alice", "sales", ["alice", "bob"])
        gbook.json("booking", "cancel", gbook.json("booking", "list")["records"][0]["id"])
        assert self.book(gbook, "--account", "alice") == ("alice", None, ["alice"])

    def test_balanced_takes_who_has_the_fewest(self, gbook: Gbook, team: Path) -> None:
        """Bookings of this profile count, other events do not; equals stay as listed."""
        profile(team, "accounts: [alice, bob, carol]\nassignment: balanced\n")
        add_event(team / "bob.ics", "12:00", "13:00")
        slots = [f"{TUESDAY}{hour}:00Z" for hour in (9, 10, 11)]
        hosts = [gbook.json("book", "--slot", slot.replace("T9", "T09"), *TOPIC)["host"] for slot in slots]
        assert hosts == ["alice", "bob", "carol"]

    @pytest.mark.parametrize(
        ("deliver", "auto_accept", "answers"),
        [
            ("copies", None, "ACCEPTED FALSE"),
            ("copies", "true", "ACCEPTED FALSE"),
            ("copies", "false", "NEEDS-ACTION TRUE"),
            ("host", None, "NEEDS-ACTION TRUE"),
            ("host", "true", "ACCEPTED FALSE"),
        ],
    )
    def test_members_are_invited(
        self, gbook: Gbook, team: Path, deliver: str, auto_accept: str | None, answers: str
    ) -> None:
        """All but the host: without a copy, or with autoAccept: false, they answer themselves."""
        with (team / "gbook.yaml").open("a") as config:
            config.write(f"deliver: {deliver}\n")
        for account in ("alice", "bob") if auto_accept else ():
            gbook.json("account", "update", account, "--set", f"autoAccept={auto_accept}")
        booked = gbook.json("book", "--slot", NINE, *GUEST, *TOPIC, "--required", "2")
        event = events(team, booked["id"])["alice.ics"]
        said = {str(one): f"{one.params['PARTSTAT']} {one.params['RSVP']}" for one in event["ATTENDEE"]}
        assert said["mailto:alice@example.com"] == "ACCEPTED FALSE"
        assert said["mailto:bob@example.com"] == answers

    def test_optional_accounts_are_invited_when_free(self, gbook: Gbook, team: Path) -> None:
        """They exclude nothing, and their copy waits for an answer."""
        profile(team, "accounts: [alice]\noptional: [bob, carol]\n")
        booked = gbook.json("book", "--slot", NINE, *GUEST, *TOPIC)
        event = events(team, booked["id"])["bob.ics"]
        roles = {str(one): one.params["ROLE"] for one in event["ATTENDEE"]}
        assert roles["mailto:bob@example.com"] == "OPT-PARTICIPANT"
        assert booked["accountIds"] == ["alice"]

    @pytest.mark.parametrize(
        ("arguments", "near"),
        [
            (("--account", "alcie"), "alice"),
            (("--group", "slaes"), "sales"),
            (("-p", "dmeo"), "demo"),
        ],
    )
    def test_an_unknown_name_is_answered_with_the_nearest(
        self, gbook: Gbook, team: Path, arguments: tuple[str, str], near: str
    ) -> None:
        """Exit 4, and nothing is written."""
        profile(team, "accounts: [alice]\n" + GROUPS % "one")
        before = snapshot(team)
        result = gbook("book", "--slot", "first", *GUEST, *TOPIC, *arguments)
        assert result.code == 4
        assert f"did you mean {near}?" in result.err
        assert snapshot(team) == before


class TestDocument:
    """What it answers, for programs."""

    def test_its_keys_are_frozen(self, gbook: Gbook, team: Path) -> None:
        """Name by name, in this order."""
        booked = gbook.json("book", "--slot", NINE, *GUEST, *TOPIC, "--required", "all")
        identity = booked["id"]
        assert list(booked.items()) == [
            ("created", True),
            ("id", identity),
            ("profile", "demo"),
            ("start", NINE),
            ("end", f"{TUESDAY}09:30:00Z"),
            ("host", "alice"),
            ("groupXid", None),
            ("accountIds", ["alice", "bob", "carol"]),
            ("calendars", ["alice.ics", "bob.ics", "carol"]),
            ("conferenceUrl", None),
            ("reservationId", None),
            ("expires", None),
            ("warnings", []),
        ]

    def test_a_reservation_is_not_created_yet(self, gbook: Gbook, team: Path) -> None:
        """The document says so, and until when it holds."""
        held = gbook.json("book", "--slot", NINE, "--account", "alice", "--reserve", "30")
        assert (held["created"], held["reservationId"], held["expires"]) == (
            False,
            held["id"],
            "2026-11-23T08:30:00Z",
        )

    def test_a_reservation_expires(self, gbook: Gbook, team: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """From that instant on the slot is offered again."""
        gbook.json("book", "--slot", NINE, "--account", "alice", "--reserve", "30")
        for now, offered in (("2026-11-23T08:29:59Z", False), ("2026-11-23T08:30:00Z", True)):
            monkeypatch.setenv("GBOOK_NOW", now)
            items = gbook.json("availability", "--account", "alice")["items"]
            assert (items[0]["start"] == NINE) is offered

    def test_a_dry_run_writes_nothing(self, gbook: Gbook, team: Path) -> None:
        """It says what would happen; the document has the event, and `created` is false."""
        before = snapshot(team)
        shown = gbook("book", "--slot", NINE, *GUEST, *TOPIC, "--dry-run").out
        assert shown.startswith("Would book Tue 24 Nov 2026 09:00–09:30 UTC with ")
        assert shown.endswith("; writes 1 calendar\n")
        document = gbook.json("book", "--slot", NINE, *GUEST, *TOPIC, "--dry-run")
        assert document["created"] is False
        assert "\nDTSTART:20261124T090000Z\n" in document["event"]
        assert snapshot(team) == before

    def test_a_slot_that_is_taken_is_answered_with_the_nearest(self, gbook: Gbook, team: Path) -> None:
        """Exit 3, the reason, and slots that can be booked, in order of time."""
        add_event(team / "alice.ics", "12:00", "13:00", "SUMMARY:secret", "CLASS:PRIVATE")
        result = gbook("book", "--slot", f"{TUESDAY}12:15Z", "--account", "alice", *GUEST, *TOPIC, "--json")
        document = json.loads(result.out)
        assert (result.code, list(document)) == (3, ["created", "error", "alternatives"])
        assert (document["created"], document["error"]["code"]) == (False, "slot_unavailable")
        starts = [item["start"] for item in document["alternatives"]]
        assert starts == sorted(starts)
        assert f"{TUESDAY}11:15:00Z" in starts
        assert gbook("book", "--slot", starts[0], "--account", "alice", *GUEST, *TOPIC).code == 0
        assert "secret" not in result.out + result.err

    def test_an_unreadable_calendar_is_a_warning(self, gbook: Gbook, team: Path) -> None:
        """A member whose calendar is broken is passed over, not in silence."""
        (team / "alice.ics").write_bytes(b"garbage")
        result = gbook("book", "--slot", "first", *GUEST, *TOPIC, "--json")
        document = json.loads(result.out)
        assert (document["host"], document["warnings"][0]["accountId"]) == ("bob", "alice")
        assert "alice.ics" in result.err
        nobody = gbook("book", "--slot", "first", "--account", "alice", *GUEST, *TOPIC)
        assert nobody.code == 3
        assert "alice.ics" in nobody.err


class TestFields:
    """Variables of the profile's texts."""

    @pytest.mark.parametrize(
        ("fields", "named"),
        [
            ((), ["topic"]),
            (("--field", "topik=x"), ["topic", "topik"]),
            (("--field", "topic=x", "--field", "host=me"), ["host"]),
            (("--field", "topic"), ["NAME=VALUE"]),
        ],
    )
    def test_missing_and_unknown_ones_are_all_named(
        self, gbook: Gbook, team: Path, fields: tuple[str, ...], named: list[str]
    ) -> None:
        """In one line, exit 2, and nothing is written."""
        before = snapshot(team)
        result = gbook("book", "--slot", "first", *GUEST, *fields)
        assert (result.code, result.err.count("\n")) == (2, 1)
        assert all(name in result.err for name in named)
        assert snapshot(team) == before

    def test_values_are_filled_in_once(self, gbook: Gbook, team: Path) -> None:
        """A variable inside a value stays text; the host and the time are known."""
        booked = gbook.json("book", "--slot", NINE, "--name", "{{topic}}", "--field", "topic={{name}}")
        event = events(team, booked["id"])["alice.ics"]
        assert str(event["SUMMARY"]) == "Demo for {{topic}}"
        assert str(event["DESCRIPTION"]) == "{{name}}, 2026-11-24 09:00 UTC with Alice Liddell"


class TestWriting:
    """Bytes are inserted; everything else stays."""

    def test_only_bytes_are_inserted(self, gbook: Gbook, team: Path) -> None:
        """Before the last END:VCALENDAR, in the file's own line ending; a vdir gets one file more."""
        before = snapshot(team)
        identity = gbook.json("book", "--slot", NINE, *GUEST, *TOPIC, "--required", "all")["id"]
        after = snapshot(team)
        assert set(after) - set(before) == {f"carol/{identity}.ics"}
        for name, old in before.items():
            at = old.rindex(b"END:VCALENDAR")
            inserted = after[name][at : len(after[name]) - len(old) + at]
            assert after[name] == old[:at] + inserted + old[at:]
            assert inserted.startswith(b"BEGIN:VEVENT")
            assert (b"\r\n" in inserted) == (b"\r\n" in old)

    def test_copies_are_identical(self, gbook: Gbook, team: Path) -> None:
        """The same event, with the same UID, in every calendar."""
        identity = gbook.json("book", "--slot", NINE, *GUEST, *TOPIC, "--required", "all")["id"]
        copies = events(team, identity)
        assert set(copies) == {"alice.ics", "bob.ics", "carol"}
        assert len({copy.to_ical() for copy in copies.values()}) == 1

    def test_deliver_host_writes_no_copies(self, gbook: Gbook, team: Path) -> None:
        """Only the host's calendar; the others are attendees."""
        with (team / "gbook.yaml").open("a") as file:
            file.write("deliver: host\n")
        booked = gbook.json("book", "--slot", NINE, *GUEST, *TOPIC, "--required", "all")
        assert booked["calendars"] == ["alice.ics"]
        (event,) = events(team, booked["id"]).values()
        assert len(event["ATTENDEE"]) == 4

    def test_who_cannot_be_booked_is_not_listed(self, gbook: Gbook, team: Path) -> None:
        """Bob's first calendar is readonly: he is never free, with a warning; the others are booked."""
        make_readonly(team, "bob")
        listed = gbook.json("availability", "--from", "2026-11-24", "--to", "2026-11-24")
        assert {tuple(item["accountIds"]) for item in listed["items"]} == {("alice", "carol")}
        (warning,) = listed["warnings"]
        assert (warning["code"], warning["accountId"]) == ("readonly_primary", "bob")
        assert warning["message"].startswith("account bob is never free: its first calendar is readonly")
        [problem] = gbook("check", "--json").document["problems"]
        assert "list a writable calendar first, or set `deliver: mail`" in problem["message"]
        before = snapshot(team)
        result = gbook("book", "--slot", NINE, *GUEST, *TOPIC, "--required", "all")
        assert result.code == 3
        assert "bob: its first calendar is readonly" in result.err
        assert snapshot(team) == before
        booked = gbook.json("book", "--slot", NINE, *GUEST, *TOPIC, "--required", "2")
        assert booked["calendars"] == ["alice.ics", "carol"]

    def test_without_copies_only_the_host_must_be_writable(self, gbook: Gbook, team: Path) -> None:
        """Alice and Bob take part, Carol is the host; where nobody could be, nothing is listed."""
        with (team / "gbook.yaml").open("a") as file:
            file.write("deliver: host\n")
        make_readonly(team, "alice")
        make_readonly(team, "bob")
        booked = gbook.json("book", "--slot", NINE, *GUEST, *TOPIC, "--required", "all")
        assert (booked["host"], booked["calendars"]) == ("carol", ["carol"])
        assert sorted(booked["accountIds"]) == ["alice", "bob", "carol"]
        alone = ("--account", "alice", "--account", "bob")
        assert gbook.json("availability", *alone)["items"] == []
        assert gbook("book", "--slot", f"{TUESDAY}12:00Z", *GUEST, *TOPIC, *alone).code == 3

    def test_a_key_never_books_twice(self, gbook: Gbook, team: Path) -> None:
        """The second run answers with the first booking, whatever it asks for."""
        first = gbook.json("book", "--slot", NINE, *GUEST, *TOPIC, "--key", "order 7")
        after = snapshot(team)
        again = gbook.json("book", "--slot", "first", *GUEST, *TOPIC, "--key", "order 7")
        assert again == first | {"repeated": True}
        assert snapshot(team) == after
        assert gbook.json("book", "--slot", "first", *GUEST, *TOPIC, "--key", "order 8")["id"] != first["id"]

    @pytest.mark.parametrize("option", ["--email", "--key", "--required", "--profile", "--slot", "--tz"])
    def test_an_empty_value_is_a_mistake(self, gbook: Gbook, team: Path, option: str) -> None:
        """A script's variable that is not set must not book something else."""
        before = snapshot(team)
        given = {"--slot": "first", "--name": "Gwen", "--field": "topic=x", option: ""}
        result = gbook("book", *(word for pair in given.items() for word in pair))
        assert result.code in (2, 4)
        assert snapshot(team) == before


NASTY = {
    "quotes": 'Gwen "the loom" O\'Hara',
    "a newline": "Gwen\r\nATTENDEE:mailto:evil@example.org\nEND:VEVENT",
    "separators": "a;b,c:d\\e^n",
    "emoji": "👩‍👩‍👧 Gwen 🧵",
    "very long": "🧵" * 400,
    "escapes": "\x1b[31mred\x1b]0;title\x07\x9b2J",
    "markup": "[red]x[/red] [link=http://evil]y[/link] :smile:",
    "right to left": "\u202egpj.exe\u2066",
    "nothing but spaces": "  \t ",
}


class TestNames:
    """A name is a name, in a calendar and on a terminal."""

    @pytest.mark.parametrize("name", NASTY.values(), ids=NASTY)
    def test_they_break_no_line_and_command_no_terminal(self, gbook: Gbook, team: Path, name: str) -> None:
        """The calendar has one event more, with the attendees that were meant, in lines of 75 octets."""
        result = gbook(
            "book", "--slot", NINE, "--name", name, "--email", "gwen@example.org", "--field", f"topic={name}"
        )
        assert result.code == 0, result.err
        data = (team / "alice.ics").read_bytes()
        found = icalendar.Calendar.from_ical(data).walk("VEVENT")
        assert len(found) == 2
        attendees = {str(one) for event in found for one in event.get("ATTENDEE", [])}
        assert attendees == {"mailto:alice@example.com", "mailto:gwen@example.org"}
        assert max(map(len, data.split(b"\r\n"))) <= 75
        shown = result.out + gbook("booking", "list").out
        assert all(char.isprintable() or char in "\n\u200d" for char in shown)
        if "[red]" in name:
            assert "[red]x[/red] [link=http://evil]y[/link] :smile:" in result.out


def test_a_subject_without_a_guest_has_no_blank_at_its_end(team: Path, gbook: Gbook) -> None:
    """`Demo for {{name}}`, in words, in a dry run and in the event."""
    profile(team, "accounts: [alice]")
    command = ("book", "--slot", "first", *TOPIC)
    assert "(Demo for)" in gbook(*command, "--dry-run").out
    assert "UTC: Demo for\n" in gbook(*command).out
    assert "SUMMARY:Demo for\r\n" in (team / "alice.ics").read_bytes().decode()


def test_joiners_inside_words_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gbook: Gbook) -> None:
    """Emoji and Persian words are spelled with them; directional controls and loose joiners go."""
    monkeypatch.chdir(make_team(tmp_path / "team"))
    name, subject = "山田 👩\u200d💻 太郎", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"
    slot = ("--slot", f"{TUESDAY}14:00Z", "--field", "topic=Looms")
    booked = gbook.json("book", *slot, "--name", f"\u200d{name} \u200c \u202e", "--subject", subject)
    (record,) = gbook.json("booking", "list")["records"]
    assert record["guest"]["name"] == name
    assert str(event(tmp_path / "team", booked["id"])["SUMMARY"]) == subject
