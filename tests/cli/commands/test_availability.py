"""`gbook availability` as a command: slots, members, windows and views."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from support.running import Gbook
from support.team import TUESDAY, add_event, make_team, profile

KEYS = (
    "profile required items startTime endTime timeAvailableFor durationMinutes availabilityStep subject "
    "schedulerLink primaryColor secondaryColor additionalFields offset limit totalSize done nextPageToken "
    "nextFromDate warnings"
)
GROUP = "accounts: [alice, bob]\ngroups: [{extId: sales, accountIds: [bob, carol], required: one}]\n"


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Alice and Bob are attached, Bob and Carol are the group sales; all are free."""
    monkeypatch.chdir(make_team(tmp_path / "team", GROUP))
    return tmp_path / "team"


def starts(document: Any) -> list[str]:
    """Day and time of the slots, in UTC."""
    return [item["start"][8:16] for item in document["items"]]


def test_the_link_of_the_booking_page(gbook: Gbook, team: Path) -> None:
    """Of a public profile, where the service has an address; a mail with times has it too."""
    assert gbook.json("availability")["schedulerLink"] is None
    with (team / "gbook.yaml").open("a") as config:
        config.write("serve: {baseUrl: https://book.example.com}\n")
    assert gbook.json("availability")["schedulerLink"] is None
    profile(team, f"{GROUP}public: true")
    link = "https://book.example.com/b/demo"
    assert gbook.json("availability")["schedulerLink"] == link
    mail = gbook("availability", "--view", "text").out
    assert mail.splitlines()[-1] == f"Book one here: {link}"
    assert link not in gbook("availability", "--view", "text", "--repeat", "weekly", "--count", "2").out
    assert link not in gbook("availability", "--view", "list").out


class TestDocument:
    """The JSON document, as the API has it."""

    def test_its_keys_are_frozen(self, gbook: Gbook, team: Path) -> None:
        """Of the document and of its items, in this order."""
        document = gbook.json("availability")
        assert list(document) == KEYS.split()
        assert document["items"][0] == {
            "start": f"{TUESDAY}09:00:00Z",
            "end": f"{TUESDAY}09:30:00Z",
            "groupXids": ["sales"],
            "accountIds": ["alice", "bob"],
            "groups": {"sales": ["bob", "carol"]},
        }
        assert list(document["items"][0]) == ["start", "end", "groupXids", "accountIds", "groups"]

    def test_what_it_says_of_the_profile(self, gbook: Gbook, team: Path) -> None:
        """Its period, its step, its colours, and the fields that a guest is asked for."""
        document = gbook.json("availability")
        assert (document["startTime"], document["endTime"]) == (
            "2026-11-23T09:00:00Z",
            "2026-12-23T08:00:00Z",
        )
        assert (document["timeAvailableFor"], document["subject"]) == ("P30D", "Demo for {{name}}")
        assert (document["durationMinutes"], document["availabilityStep"]) == (30, 15)
        assert (document["primaryColor"], document["secondaryColor"]) == ("#303030", "#30A9EE")
        assert document["additionalFields"] == [{"name": "topic", "type": "text", "default": None}]

    def test_paging_is_of_members(self, gbook: Gbook, team: Path) -> None:
        """The slots stay the same; each lists some of its accounts and groups, from `offset` on."""
        whole = gbook.json("availability")
        pages = [
            gbook.json("availability", "--members-offset", str(n), "--members-limit", "1") for n in range(4)
        ]
        assert all(starts(page) == starts(whole) for page in pages)
        shown = [(page["items"][0]["accountIds"], page["items"][0]["groupXids"]) for page in pages]
        assert shown == [(["alice"], []), (["bob"], []), ([], ["sales"]), ([], [])]
        assert [page["done"] for page in pages] == [False, False, True, True]
        assert {page["totalSize"] for page in pages} == {3}

    def test_a_token_leads_to_the_next_members(self, gbook: Gbook, team: Path) -> None:
        """Of the same number; the last page has none."""
        page = gbook.json("availability", "--members-limit", "2", "--limit", "1")
        assert (page["items"][0]["accountIds"], page["done"]) == (["alice", "bob"], False)
        token = str(page["nextPageToken"])
        last = gbook.json("availability", "--page-token", token, "--limit", "1")
        assert (last["items"][0]["groupXids"], last["offset"], last["limit"]) == (["sales"], 2, 2)
        assert (last["done"], last["nextPageToken"]) == (True, None)
        assert gbook.json("availability")["nextPageToken"] is None
        mixed = gbook("availability", "--page-token", token, "--members-offset", "2")
        assert (mixed.code, "leave out" in mixed.err) == (2, True)

    def test_limit_is_of_slots(self, gbook: Gbook, team: Path) -> None:
        """At most that many slots; a larger number than there are is allowed."""
        whole = starts(gbook.json("availability"))
        assert starts(gbook.json("availability", "--limit", "2")) == whole[:2]
        assert starts(gbook.json("availability", "--limit", "9999")) == whole

    def test_next_from_date_leads_through_the_period(self, gbook: Gbook, team: Path) -> None:
        """Asked piece by piece, the slots are those of the whole; in the end it is null."""
        whole, found, day = starts(gbook.json("availability")), [], "2026-11-23"
        for _ in range(30):
            page = gbook.json("availability", "--from", day, "--for", "P4D")
            found += starts(page)
            if (day := page["nextFromDate"]) is None:
                break
        assert found == whole
        assert gbook.json("availability")["nextFromDate"] is None

    def test_next_from_date_is_one_of_the_zone_shown(self, gbook: Gbook, team: Path) -> None:
        """The day after the last one asked for; the same day where the window ends within it."""
        whole_day = gbook.json("availability", "--to", "2026-11-24", "--tz", "Asia/Tokyo")
        assert whole_day["nextFromDate"] == "2026-11-25"
        assert whole_day["endTime"] == "2026-11-24T15:00:00Z"


class TestWindow:
    """--from, --to, --for and the profile's own bounds."""

    @pytest.mark.parametrize(
        ("arguments", "first", "last"),
        [
            (("--from", "2026-11-25"), "25T09:00", "23T00:00"),
            (("--to", "2026-11-24"), "24T09:00", "24T16:30"),
            (("--from", "2026-11-24T10:05", "--to", "2026-11-24T11:00"), "24T10:15", "24T10:30"),
            (("--from", "2026-11-24T10:00Z", "--for", "PT1H"), "24T10:00", "24T10:30"),
            (("--from", "2026-11-25", "--for", "P1D"), "25T09:00", "25T16:30"),
            (("--to", "2026-11-24T05:00-05:00"), "24T09:00", "24T09:30"),
            (
                ("--from", "2026-11-24T19:30", "--to", "2026-11-24T20:00", "--tz", "Asia/Tokyo"),
                "24T10:30",
                "24T10:30",
            ),
        ],
    )
    def test_a_slot_lies_wholly_inside(
        self, gbook: Gbook, team: Path, arguments: tuple[str, ...], first: str, last: str
    ) -> None:
        """A date is the whole day; times without an offset are in --tz."""
        found = starts(gbook.json("availability", *arguments))
        assert found[0] == first
        assert last in (found[-1], "23T00:00")

    def test_the_profile_bounds_what_is_asked_for(self, gbook: Gbook, team: Path) -> None:
        """startTime, endTime and notice hold whatever --from and --to say."""
        profile(
            team,
            GROUP
            + f'startTime: "{TUESDAY}10:00:00Z"\nendTime: "{TUESDAY}12:00:00Z"\nstartAfterMinutes: 1600\n',
        )
        found = starts(gbook.json("availability", "--from", "2020-01-01", "--to", "2030-01-01"))
        assert (found[0], found[-1]) == ("24T10:45", "24T11:30")

    @pytest.mark.parametrize(
        ("arguments", "notes"),
        [
            ((), ""),
            (("--from", "2026-11-23", "--to", "2026-12-22"), ""),
            (("--for", "P30D"), ""),
            (("--to", "2026-12-23"), "until Wed 23 Dec 08:00 (P30D); nothing after that is shown"),
            (("--from", "2026-12-01", "--for", "P30D"), "until Wed 23 Dec 08:00 (P30D)"),
            (("--from", "2027-01-01"), "until Wed 23 Dec 08:00 (P30D)"),
            (("--to", "2026-12-24", "--tz", "Asia/Tokyo"), "until Wed 23 Dec 17:00 (P30D)"),
        ],
    )
    def test_a_note_says_where_the_period_ends(
        self, gbook: Gbook, team: Path, arguments: tuple[str, ...], notes: str
    ) -> None:
        """A window that reaches beyond the profile's period is not cut in silence."""
        result = gbook("availability", "--json", *arguments)
        assert result.code == 0
        assert result.err.startswith(f"note: profile demo offers times {notes}") if notes else not result.err

    def test_a_note_names_start_time_and_end_time(self, gbook: Gbook, team: Path) -> None:
        """The key of the profile that bounds the period."""
        times = f'startTime: "{TUESDAY}10:00:00Z"\nendTime: "{TUESDAY}12:00:00Z"\n'
        profile(team, GROUP + times)
        assert gbook("availability", "--from", "2026-11-23", "--to", "2026-11-25").err.splitlines() == [
            "note: profile demo offers times from Tue 24 Nov 10:00 (startTime); nothing before that is shown",
            "note: profile demo offers times until Tue 24 Nov 12:00 (endTime); nothing after that is shown",
        ]
        assert not gbook("availability", "--from", f"{TUESDAY}10:00Z", "--to", f"{TUESDAY}12:00Z").err

    def test_notice_counts_from_now(self, gbook: Gbook, team: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """One second late is too late."""
        for now, first in (("2026-11-24T09:00:00Z", "24T10:00"), ("2026-11-24T09:00:01Z", "24T10:15")):
            monkeypatch.setenv("GBOOK_NOW", now)
            assert starts(gbook.json("availability"))[0] == first

    def test_a_window_after_the_period_is_empty(self, gbook: Gbook, team: Path) -> None:
        """No slots, and nothing to go on with."""
        document = gbook.json("availability", "--from", "2027-06-01", "--to", "2027-06-30")
        assert (document["items"], document["nextFromDate"]) == ([], None)
        assert document["startTime"] <= document["endTime"]

    @pytest.mark.parametrize(
        "arguments",
        [
            ("--from", "2026-11-25", "--to", "2026-11-24"),
            ("--to", "2026-11-25", "--for", "P1D"),
            ("--for", "P0D"),
            ("--from", "soonish"),
            ("--required", "0"),
            ("--required", "some"),
            ("--limit", "0"),
            ("--offset", "-1"),
            ("--first", "0"),
            ("--members-limit", "0"),
            ("--page-token", "x"),
            ("--page-token", ""),
            ("--page-token", "MS4wLjA"),
            ("--for", "3M"),
            ("--view", "cube"),
            ("--tz", "Mars/Olympus"),
        ],
    )
    def test_nonsense_is_refused(self, gbook: Gbook, team: Path, arguments: tuple[str, ...]) -> None:
        """Exit 2, and one line that names the option."""
        result = gbook("availability", *arguments)
        assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)


class TestView:
    """--view says how slots are shown."""

    @pytest.mark.parametrize(("view", "near"), [("table", "list"), ("dys", "days"), ("gird", "grid")])
    def test_another_name_leads_to_the_view(self, gbook: Gbook, team: Path, view: str, near: str) -> None:
        """The nearest name is suggested, and for the table of earlier versions the list."""
        result = gbook("availability", "--view", view)
        assert (result.code, result.out) == (2, "")
        assert result.err.endswith(f"found '{view}'; did you mean {near}?\n")

    def test_every_view_has_the_same_first_slot(self, gbook: Gbook, team: Path) -> None:
        """The command to copy is the same."""
        commands = set()
        for view in ("days", "list", "grid", "people"):
            lines = gbook("availability", "--view", view).out.splitlines()
            commands |= {line for line in lines if line.startswith("  gbook book")}
        assert len(commands) == 1

    def test_a_pipe_gets_24_lines_and_a_list_all_of_them(self, gbook: Gbook, team: Path) -> None:
        """Without a terminal the default view is as high as a usual terminal."""
        total = gbook.json("availability")["items"]
        assert len(gbook("availability").out.splitlines()) <= 24
        rows = [
            line for line in gbook("availability", "--view", "list").out.splitlines() if line.startswith("  ")
        ]
        assert len(rows) == len(total) + 1


class TestZone:
    """--tz changes what is shown, never which instants."""

    @pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata", "Pacific/Apia", "europe/berlin"])
    def test_tz_changes_no_instant(self, gbook: Gbook, team: Path, zone: str) -> None:
        """The same items in every zone."""
        assert gbook.json("availability", "--tz", zone)["items"] == gbook.json("availability")["items"]

    def test_what_is_shown_moves(self, gbook: Gbook, team: Path) -> None:
        """09:00 in London is 14:30 in Kolkata, in every view; that of people has hours as labels."""
        for view in ("days", "list", "grid", "text"):
            assert "09:00" in gbook("availability", "--to", "2026-11-24", "--view", view).out
            assert (
                "14:30" in gbook("availability", "--tz", "Asia/Kolkata", "--limit", "4", "--view", view).out
            )
        people = ("availability", "--to", "2026-11-24", "--view", "people")
        assert re.search(r"Tue 24 Nov +09 ", gbook(*people).out)
        assert re.search(r"Tue 24 Nov +14 ", gbook(*people, "--tz", "Asia/Kolkata").out)


BROKEN = {
    "missing": None,
    "empty": b"",
    "text": b"garbage",
    "binary": b"\x00\xff" * 99,
    "cut off": b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1",
}


class TestMembers:
    """Whom a slot needs, and whom it names."""

    def test_required_one_all_or_a_number(self, gbook: Gbook, team: Path) -> None:
        """More than there are members is a wrong command line, also of members that were chosen."""
        add_event(team / "alice.ics", "09:00", "10:00")
        for required, first in (("one", "09:00"), ("2", "09:00"), ("all", "10:00"), ("3", "10:00")):
            assert starts(gbook.json("availability", "--required", required))[0] == f"24T{first}"
        for arguments, most in (((), 3), (("--account", "alice", "--group", "sales"), 2)):
            result = gbook("availability", "--required", "4", *arguments)
            assert (result.code, f"expected at most {most}, the number of members" in result.err) == (2, True)

    @pytest.mark.parametrize(
        ("profile_required", "arguments", "expected"),
        [
            ("one", (), ("one", "09:00")),
            ("all", (), ("all", "10:00")),
            ("3", (), (3, "10:00")),
            ("3", ("--required", "one"), ("one", "09:00")),
            ("all", ("--required", "2"), (2, "09:00")),
            # A number of the profile means at most all members that are chosen.
            ("3", ("--account", "bob"), (1, "09:00")),
            ("all", ("--account", "bob"), ("all", "09:00")),
            ("2", ("--account", "alice", "--account", "bob"), (2, "10:00")),
        ],
    )
    def test_the_profile_says_how_many_are_required(
        self,
        gbook: Gbook,
        team: Path,
        profile_required: str,
        arguments: tuple[str, ...],
        expected: tuple[object, str],
    ) -> None:
        """`required` of the profile counts unless --required is given."""
        add_event(team / "alice.ics", "09:00", "10:00")
        profile(team, f"{GROUP}required: {profile_required}\n")
        document = gbook.json("availability", *arguments)
        assert (document["required"], starts(document)[0]) == (expected[0], f"24T{expected[1]}")

    def test_a_profile_that_requires_more_than_it_has(self, gbook: Gbook, team: Path) -> None:
        """It offers nothing, and the reason is shown."""
        profile(team, f"{GROUP}required: 4\n")
        result = gbook("availability")
        assert "4 members are required, and there are only 3" in result.out
        assert gbook("book", "--slot", "first", "--field", "topic=Looms").code == 3

    def test_the_command_to_copy_repeats_only_what_the_profile_does_not_say(
        self, gbook: Gbook, team: Path
    ) -> None:
        """--required is in it if it differs from the profile's."""
        profile(team, f"{GROUP}required: all\n")
        assert "gbook book -p demo --slot" in gbook("availability").out
        assert "gbook book -p demo --slot" in gbook("availability", "--required", "all").out
        assert "gbook book -p demo --required one --slot" in gbook("availability", "--required", "one").out

    def test_only_these_members(self, gbook: Gbook, team: Path) -> None:
        """Named, they are all that counts; one that is not attached is no member."""
        add_event(team / "alice.ics", "09:00", "10:00")
        document = gbook.json("availability", "--required", "all", "--account", "bob", "--group", "sales")
        assert (document["items"][0]["start"], document["totalSize"]) == (f"{TUESDAY}09:00:00Z", 2)
        result = gbook("availability", "--account", "carol")
        assert (result.code, "no account 'carol' is attached to profile demo" in result.err) == (4, True)

    def test_a_profile_without_members_has_no_slots(self, gbook: Gbook, team: Path) -> None:
        """Nobody to meet."""
        profile(team, "")
        assert gbook.json("availability", "--required", "all")["items"] == []

    def test_an_account_without_calendars_is_never_free(self, gbook: Gbook, team: Path) -> None:
        """And a warning says so."""
        config = (team / "gbook.yaml").read_text().replace(", calendars: [alice.ics]", "")
        (team / "gbook.yaml").write_text(config)
        document = gbook.json("availability")
        assert document["items"][0]["accountIds"] == ["bob"]
        assert [(w["code"], w["accountId"]) for w in document["warnings"]] == [("no_calendar", "alice")]

    @pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
    def test_what_cannot_be_read_is_not_free(self, gbook: Gbook, team: Path, content: bytes | None) -> None:
        """Missing, empty, binary, truncated: a warning names the file; with --strict it is exit 5."""
        (team / "alice.ics").unlink() if content is None else (team / "alice.ics").write_bytes(content)
        document = gbook.json("availability")
        assert all("alice" not in item["accountIds"] for item in document["items"])
        (warning,) = document["warnings"]
        assert (warning["code"], warning["path"]) == ("unreadable_calendar", "alice.ics")
        strict = gbook("availability", "--strict", "--json")
        assert strict.code == 5
        error = json.loads(strict.out)["error"]
        assert (error["code"], error["path"], len(error["problems"])) == ("invalid", "alice.ics", 1)
        assert gbook("availability", "--account", "bob", "--strict").code == 0

    def test_a_folder_where_a_file_should_be(self, gbook: Gbook, team: Path) -> None:
        """Is no calendar."""
        (team / "alice.ics").unlink()
        (team / "alice.ics").mkdir()
        (warning,) = gbook.json("availability")["warnings"]
        assert warning["message"] == "expected an .ics file, found a folder"

    def test_a_name_that_is_not_utf8_hides_nothing(self, gbook: Gbook, team: Path) -> None:
        """A vdir may hold any name; what stands in the file counts."""
        odd = team / "carol" / "\udcff.ics"
        add_event(team / "alice.ics", "09:00", "10:00")
        odd.write_bytes((team / "alice.ics").read_bytes())
        assert gbook.json("availability")["items"][0]["groups"] == {"sales": ["bob"]}
        odd.write_bytes(b"garbage")
        result = gbook("availability", "--json")
        assert json.loads(result.out)["warnings"][0]["path"] == "carol/\udcff.ics"

    def test_a_day_is_full(self, gbook: Gbook, team: Path) -> None:
        """maxBookingsPerDay hides the host's day, of this profile's bookings only, and no other day."""
        profile(team, "accounts: [alice]\nmaxBookingsPerDay: 1\n")
        add_event(team / "alice.ics", "12:00", "12:30")
        assert starts(gbook.json("availability"))[0] == "24T09:00"
        gbook.json("book", "--slot", f"{TUESDAY}15:00Z", "--field", "topic=x")
        assert starts(gbook.json("availability"))[0] == "25T09:00"

    def test_integer_ids_are_integers(self, gbook: Gbook, team: Path) -> None:
        """As in the API."""
        config = (team / "gbook.yaml").read_text().replace("id: alice", "id: 7")
        (team / "gbook.yaml").write_text(config)
        profile(team, "accounts: [7]\n")
        assert gbook.json("availability")["items"][0]["accountIds"] == [7]


class TestPastAndPart:
    """Windows in the past, and windows that are a part of the profile's period."""

    @pytest.fixture(autouse=True)
    def team(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(make_team(tmp_path / "team"))

    def test_a_start_in_the_past_is_said(self, gbook: Gbook) -> None:
        """Today is not the past, although some of its hours are."""
        shown = gbook("availability", "--from", "2025-01-01")
        assert "note: Wed 1 Jan 2025 00:00 is in the past; only times from now on are shown" in shown.err
        assert gbook("availability", "--from", "today").err == ""

    @pytest.mark.parametrize(
        ("window", "dates"),
        [
            (("--from", "2026-11-20", "--for", "2d"), "20 Nov – 21 Nov 2026"),
            (("--to", "yesterday"), "until Sun 22 Nov 2026"),
        ],
    )
    def test_a_window_in_the_past(self, gbook: Gbook, window: tuple[str, ...], dates: str) -> None:
        """The dates are those that were asked for."""
        shown = gbook("availability", *window)
        assert shown.out.splitlines()[0] == "No slots: that range is in the past."
        assert shown.out.splitlines()[1].endswith(f", {dates}")
        assert shown.err == ""

    def test_a_part_of_the_period_without_slots(self, gbook: Gbook) -> None:
        """The sentence is about this part, and the remedy names its option."""
        for name in ("alice", "bob", "carol"):
            gbook(
                "book", "--slot", f"{TUESDAY}09:00Z/{TUESDAY}09:30Z", "--account", name, "--field", "topic=x"
            )
        shown = gbook("availability", "--from", f"{TUESDAY}09:00Z", "--to", f"{TUESDAY}09:30Z").out
        assert "No slots: none of the 3 members is free in that range." in shown
        assert "(--to 2026-12-" in shown
