"""The bodies of the HTTP API as input of commands, and its lists of what is attached."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.office import snapshot
from support.running import Gbook, Result
from support.team import TUESDAY, event, make_team

MEMBERS = "accounts: [alice]\ngroups: [{extId: sales, accountIds: [bob, carol, alice], required: 2}]"
NUMBERS = {"alice": 1, "bob": 2, "carol": 3}
MEETING: dict[str, Any] = {
    "time": {"start": f"{TUESDAY}09:00:00Z", "end": f"{TUESDAY}09:30:00Z"},
    "accountIds": [1],
    "schedulerInfo": {"name": "Gwen", "email": "gwen@example.org"},
    "substitutionData": {"topic": "Looms"},
}


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Alice is attached, and the group sales; all have numbers, and are free on Tuesday from 9 to 17 UTC."""
    monkeypatch.chdir(make_team(tmp_path / "team", MEMBERS))
    config = tmp_path / "team/gbook.yaml"
    text = config.read_text()
    for name, number in NUMBERS.items():
        text = text.replace(f"id: {name}", f"id: {name}, number: {number}")
    config.write_text(text)
    return tmp_path / "team"


def send(gbook: Gbook, body: object, *command: str) -> Result:
    """Run a command with a body on stdin."""
    text = body if isinstance(body, str) else json.dumps(body)
    return gbook(*command, "--file", "-", "--json", stdin=text.encode())


def members(gbook: Gbook) -> tuple[list[str], dict[str, list[str]]]:
    shown: Any = gbook.json("profile", "show", "demo")
    return shown["accounts"], {group["extId"]: group["accountIds"] for group in shown["groups"]}


class TestAttaching:
    """attachAccounts, detachAccounts, attachGroups, detachGroups."""

    def test_accounts_are_named_by_numbers_or_ids(self, gbook: Gbook, team: Path) -> None:
        """In a body as on the command line; the profile's file has the ids."""
        body = {"accountIds": [2, "3", "bob"], "id": None}
        assert send(gbook, body, "profile", "attach-accounts", "demo").document == {"status": "Ok"}
        assert members(gbook)[0] == ["alice", "bob", "carol"]
        assert gbook("profile", "detach-accounts", "demo", "2").code == 0
        (team / "body.json").write_text('{"accountIds": [3]}')
        assert gbook("profile", "detach-accounts", "demo", "alice", "--file", "body.json").code == 0
        assert members(gbook)[0] == []
        assert send(gbook, {"accountIds": []}, "profile", "attach-accounts", "demo").code == 0

    def test_groups_are_replaced_and_taken_apart(self, gbook: Gbook, team: Path) -> None:
        """An account leaves a group; a group whose last account leaves is removed."""
        body = {"groups": [{"extId": "g", "accountIds": [2, "carol"], "required": None}]}
        assert send(gbook, body, "profile", "attach-groups", "demo").code == 0
        assert members(gbook)[1]["g"] == ["bob", "carol"]
        counted = {"extId": "n", "accountIds": [1, 2, 3], "required": "all", "requiredCount": 2}
        assert send(gbook, {"groups": [counted]}, "profile", "attach-groups", "demo").code == 0
        assert gbook.json("profile", "groups", "demo")["records"][2]["required"] == 2
        body = {"groups": [{"extId": "g", "accountIds": [3]}, {"extId": "sales"}, {"extId": "n"}]}
        assert send(gbook, body, "profile", "detach-groups", "demo").document == {"status": "Ok"}
        assert members(gbook)[1] == {"g": ["bob"]}
        assert gbook("profile", "detach-groups", "demo", "g=2").out == "Groups of demo: none\n"

    def test_what_a_group_requires_is_lowered_with_a_note(self, gbook: Gbook, team: Path) -> None:
        """Not in silence: fewer accounts are free than before."""
        assert gbook("profile", "detach-groups", "demo", "sales=bob").err == ""
        result = gbook("profile", "detach-groups", "demo", "sales=carol")
        assert result.err == "note: group sales now requires 1, all that are left, not 2\n"
        assert gbook.json("profile", "groups", "demo")["records"][0]["required"] == 1

    @pytest.mark.parametrize(
        ("command", "body", "code", "said"),
        [
            ("attach-accounts", {"accountIds": [9]}, 4, "no account '9'"),
            ("attach-accounts", {"accountIds": ["alicia"]}, 4, "did you mean alice?"),
            ("attach-accounts", {"accountIds": [True]}, 5, "accountIds[0]: expected letters, digits"),
            ("attach-accounts", {"accountIds": None}, 5, "'accountIds' is missing"),
            ("attach-accounts", {"accountId": [1]}, 5, "'accountIds' is missing"),
            ("attach-accounts", [1], 5, "expected keys and values"),
            ("attach-accounts", "{", 5, "stdin:"),
            ("detach-accounts", {"accountIds": [2]}, 4, "demo has no account 'bob'"),
            ("attach-groups", {"groups": [{"extId": "g", "accountIds": [9]}]}, 5, "no account '9'"),
            ("attach-groups", {"groups": [{"extId": "g", "accountIds": "bob"}]}, 5, "expected a list"),
            ("detach-groups", {"groups": [{"extId": "sales", "accountIds": []}]}, 5, "for the whole group"),
            ("detach-groups", {"groups": [{"accountIds": [1]}]}, 5, "'extId' is missing"),
            ("detach-groups", {"groups": [{"extId": "sale"}]}, 4, "did you mean sales?"),
            ("detach-groups", {"groups": [{"extId": "sales", "accountIds": [2, 9]}]}, 4, "no account '9'"),
        ],
    )
    def test_a_wrong_body_changes_nothing(
        self, gbook: Gbook, team: Path, command: str, body: object, code: int, said: str
    ) -> None:
        """The error is one of the file or of what it names."""
        before = snapshot(team)
        result = send(gbook, body, "profile", command, "demo")
        assert (result.code, said in result.err) == (code, True), result.err
        assert "error" in result.document
        assert snapshot(team) == before

    @pytest.mark.parametrize(
        ("command", "said"),
        [
            (["attach-accounts", "demo"], "which accounts? give ID or --file"),
            (["detach-accounts", "demo"], "which accounts? give ID or --file"),
            (["detach-groups", "demo"], "which groups? give EXTID or --file"),
            (["detach-groups", "demo", "sales="], "expected a group as EXTID or EXTID=ID,ID"),
        ],
    )
    def test_nothing_is_no_command(self, gbook: Gbook, team: Path, command: list[str], said: str) -> None:
        """Exit 2."""
        result = gbook("profile", *command)
        assert (result.code, said in result.err) == (2, True)


class TestLists:
    """`gbook profile accounts` and `groups`."""

    def test_accounts_are_in_the_pages_of_the_api(self, gbook: Gbook, team: Path) -> None:
        """The accounts of a page are one record; a page after the last has none."""
        gbook("profile", "attach-accounts", "demo", "bob", "carol")
        page = gbook.json("profile", "accounts", "demo", "--limit", "2")
        assert page == {
            "offset": 0,
            "totalSize": 3,
            "done": False,
            "records": [{"accountIds": ["alice", "bob"]}],
        }
        page = gbook.json("profile", "accounts", "demo", "--offset", "2")
        assert (page["done"], page["records"]) == (True, [{"accountIds": ["carol"]}])
        assert gbook.json("profile", "accounts", "demo", "--offset", "3")["records"] == []
        assert "Alice Liddell" in gbook("profile", "accounts", "demo").out
        assert (
            gbook("profile", "accounts", "demo", "--format", "{number} {id}").out.splitlines()[2] == "3 carol"
        )

    def test_groups_are_records(self, gbook: Gbook, team: Path) -> None:
        """By the keys of the API."""
        group = {"extId": "sales", "accountIds": ["bob", "carol", "alice"], "required": 2}
        page = gbook.json("profile", "groups", "demo")
        assert page == {"offset": 0, "totalSize": 1, "done": True, "records": [group]}
        assert "bob, carol, alice" in gbook("profile", "groups", "demo").out
        assert gbook("profile", "groups", "demo", "--format", "{extId}: {accounts}").code == 0
        gbook("profile", "detach-groups", "demo", "sales")
        assert gbook.json("profile", "groups", "demo")["records"] == []
        assert "Next: gbook profile attach-groups" in gbook("profile", "groups", "demo").out

    @pytest.mark.parametrize("command", ["accounts", "groups"])
    def test_an_unknown_profile_is_not_found(self, gbook: Gbook, team: Path, command: str) -> None:
        """Exit 4."""
        assert gbook("profile", command, "demu").code == 4


class TestBooking:
    """The body of POST …/meeting."""

    def test_a_body_is_booked(self, gbook: Gbook, team: Path) -> None:
        """Time, members, guest and fields; null is absent, and unknown keys and fields are ignored."""
        body = {
            **MEETING,
            "groupXids": None,
            "name": "Old place",
            "invitees": [{"name": "Ada", "email": "ada@example.org"}],
            "substitutionData": {"topic": "Looms", "topik": "x", "none": None},
            "extra": 1,
        }
        result = send(gbook, body, "book")
        assert result.code == 0, result.err
        document = result.document
        assert (document["start"], document["accountIds"]) == (f"{TUESDAY}09:00:00Z", ["alice"])
        written = event(team, document["id"])
        assert str(written["SUMMARY"]) == "Demo for Gwen"
        assert str(written["DESCRIPTION"]).startswith("Looms")
        assert "ada@example.org" in written.to_ical().decode().replace("\r\n ", "")
        assert result.err.splitlines() == [
            "note: stdin: 'extra' is ignored",
            "note: stdin: the profile has no field 'topik', so it is ignored; did you mean topic?",
        ]

    def test_the_older_place_of_the_guest_counts(self, gbook: Gbook, team: Path) -> None:
        """As documented first; schedulerInfo takes precedence."""
        body = {**MEETING, "schedulerInfo": {"name": "Gwen"}, "name": "X", "email": "old@example.org"}
        shown = gbook.json("booking", "show", send(gbook, body, "book").document["id"])
        assert (shown["guest"]["name"], shown["guest"]["email"]) == ("Gwen", "old@example.org")

    def test_options_take_precedence(self, gbook: Gbook, team: Path) -> None:
        """Members replace members, fields fields of the same name; invitees are added."""
        body = {**MEETING, "invitees": [{"email": "ada@example.org"}]}
        options = ("--slot", f"{TUESDAY}10:00Z", "--group", "sales", "--email", "new@example.org")
        more = ("--field", "topic=Hats", "--invite", "bea@example.org", "--guest-tz", "Asia/Tokyo")
        booked = send(gbook, body, "book", *options, *more).document
        assert (booked["start"], booked["groupXid"]) == (f"{TUESDAY}10:00:00Z", "sales")
        shown = gbook.json("booking", "show", booked["id"])
        assert shown["guest"] == {
            "name": "Gwen",
            "email": "new@example.org",
            "partstat": "NEEDS-ACTION",
            "timezone": "Asia/Tokyo",
        }
        emails = {attendee["email"] for attendee in shown["attendees"]}
        assert emails >= {"ada@example.org", "bea@example.org"}
        assert str(event(team, booked["id"])["DESCRIPTION"]).startswith("Hats")

    def test_the_zone_shown_is_that_of_the_guest(self, gbook: Gbook, team: Path) -> None:
        """As with --name and --email."""
        booked = send(gbook, MEETING, "book", "--tz", "Asia/Tokyo").document
        assert gbook.json("booking", "show", booked["id"])["guest"]["timezone"] == "Asia/Tokyo"

    def test_a_body_is_reserved_or_only_shown(self, gbook: Gbook, team: Path) -> None:
        """The options of booking apply; a reservation may lack fields."""
        before = snapshot(team)
        assert send(gbook, MEETING, "book", "--dry-run").document["created"] is False
        assert snapshot(team) == before
        body = {key: value for key, value in MEETING.items() if key != "substitutionData"}
        reserved = send(gbook, body, "book", "--reserve", "30").document
        assert (reserved["created"], reserved["reservationId"]) == (False, reserved["id"])

    def test_an_item_of_the_api_is_a_slot(self, gbook: Gbook, team: Path) -> None:
        """`--slot -` reads items that name accounts by numbers, beside a body with the guest."""
        item = {**MEETING["time"], "groupXids": [], "accountIds": [1]}
        (team / "guest.json").write_text(json.dumps({**MEETING, "time": None, "accountIds": None}))
        result = gbook(
            "book", "--slot", "-", "--file", "guest.json", "--json", stdin=json.dumps(item).encode()
        )
        assert result.document["accountIds"] == ["alice"]

    @pytest.mark.parametrize(
        ("change", "code", "said"),
        [
            ({"time": None}, 2, "stdin has no time: give --slot"),
            (
                {"time": {"start": f"{TUESDAY}09:00"}},
                5,
                "time.start: expected a date and time with an offset",
            ),
            ({"time": {"end": f"{TUESDAY}09:00Z"}}, 5, "time: 'start' is missing"),
            (
                {"time": {"start": f"{TUESDAY}09:00Z", "end": f"{TUESDAY}09:00Z"}},
                5,
                "time.end: expected a time",
            ),
            (
                {"time": {"start": f"{TUESDAY}09:00Z", "end": f"{TUESDAY}10:00Z"}},
                3,
                "lasts 30 minutes, not 60",
            ),
            ({"time": {"start": f"{TUESDAY}03:00Z"}}, 3, "cannot be booked"),
            ({"accountIds": [2]}, 4, "no account 'bob' is attached to profile demo"),
            ({"accountIds": [9]}, 4, "no account '9' is attached"),
            ({"groupXids": ["sale"]}, 4, "did you mean sales?"),
            ({"groupXids": "sales"}, 5, "groupXids: expected a list"),
            ({"schedulerInfo": {"email": "nope"}}, 5, "schedulerInfo.email: expected an e-mail address"),
            ({"invitees": [{"email": "nope"}]}, 5, "invitees[0].email: expected an e-mail address"),
            ({"substitutionData": {}}, 2, "this profile needs topic"),
            ({"substitutionData": {"topic": 5}}, 5, "substitutionData.topic: expected text"),
            ({"rescheduleToken": "x"}, 5, "rescheduleToken: a booking is moved by its id"),
        ],
    )
    def test_a_wrong_body_books_nothing(
        self, gbook: Gbook, team: Path, change: dict[str, Any], code: int, said: str
    ) -> None:
        """The exit codes are those of the options."""
        before = snapshot(team)
        result = send(gbook, {**MEETING, **change}, "book")
        assert (result.code, said in result.err) == (code, True), result.err
        assert snapshot(team) == before

    def test_stdin_is_read_once(self, gbook: Gbook, team: Path) -> None:
        """Exit 2; a file that does not exist is exit 4."""
        assert send(gbook, MEETING, "book", "--slot", "-").code == 2
        assert gbook("book", "--file", "none.json").code == 4
