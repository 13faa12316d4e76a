"""`gbook account …` from outside: documents, messages, exit codes, and what is written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from icalendar import Calendar
from support.running import Gbook, GbookProcess
from support.terminal import CTRL_C, ENTER, terminal

CONFIG = """\
# the team
accounts:
  - id: alice       # the boss
    email: alice@example.com
    calendars:
      - calendars/alice.ics
      - {path: calendars/holidays.ics, blocking: always, readonly: true}
  - {id: 7, email: seven@example.com}
"""
EVENT = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20261124T090000Z\r\n"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "gbook.yaml").write_text(CONFIG)
    (tmp_path / "calendars").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_an_account_is_added(gbook: Gbook, root: Path) -> None:
    """The record with its defaults; the file with what was given."""
    added = gbook.json(
        "account", "add", "bob", "--email", "bob@example.com", "--name", "Bob Sawyer",
        "--timezone", "europe/berlin", "--hours", "mon 9-17", "--create",
    )  # fmt: skip
    calendar = {
        "path": "calendars/bob.ics", "blocking": "transp", "allDay": "busy", "tentative": "busy",
        "unanswered": "busy", "travel": "busy", "readonly": False,
    }  # fmt: skip
    monday = {"dayOfWeek": "monday", "workingIntervals": [{"start": "09:00", "end": "17:00"}]}
    assert added == {
        "id": "bob", "number": 8, "name": "Bob Sawyer", "email": "bob@example.com", "kind": "person",
        "capacity": None, "features": [], "prefer": None,
        "timezone": "Europe/Berlin", "calendars": [calendar],
        "workHours": {"timezone": None, "daySchedules": [monday]},
        "autoAccept": None, "deliver": "copy",
        "maxBookingsPerDay": None, "maxBookingsPerWeek": None, "maxBookingsPerMonth": None,
    }  # fmt: skip
    assert (root / "gbook.yaml").read_text().startswith(CONFIG)
    assert Calendar.from_ical((root / "calendars/bob.ics").read_bytes())["VERSION"] == "2.0"
    assert gbook.json("account", "show", "bob") == added


def test_an_integer_is_an_id_as_well(gbook: Gbook, root: Path) -> None:
    """As in the API; documents show it as one."""
    assert gbook.json("account", "add", "8", "--email", "e@example.com", "--create")["id"] == 8
    records = gbook.json("account", "list")["records"]
    assert [record["id"] for record in records] == ["alice", 7, 8]
    assert "id: 8\n" in (root / "gbook.yaml").read_text()


def test_calendars_are_made_or_used(gbook: Gbook, root: Path) -> None:
    """A path ending in .ics is a file, another a folder; what is there is kept."""
    (root / "calendars/work.ics").write_text(EVENT + "END:VEVENT\r\nEND:VCALENDAR\r\n")
    before = (root / "calendars/work.ics").read_bytes()
    added = gbook.json(
        "account", "add", "bob", "--email", "b@example.com", "--create",
        "--calendar", "calendars/work.ics", "--calendar", "calendars/bob", "--calendar", "new/bob.ics",
    )  # fmt: skip
    assert [calendar["path"] for calendar in added["calendars"]] == [
        "calendars/work.ics", "calendars/bob", "new/bob.ics"
    ]  # fmt: skip
    assert (root / "calendars/bob").is_dir()
    assert (root / "calendars/work.ics").read_bytes() == before


def test_a_path_typed_in_another_folder_is_found(
    gbook: Gbook, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """gbook.yaml keeps it relative to itself."""
    (root / "calendars/bob").mkdir()
    monkeypatch.chdir(root / "calendars")
    added = gbook.json("account", "add", "bob", "--email", "b@example.com", "--calendar", "bob")
    assert added["calendars"][0]["path"] == "calendars/bob"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["bob"], 2, "an account needs an id and --email"),
        ([], 2, "an account needs an id and --email"),
        (["bob", "--email", "bob.example.com", "--create"], 2, "--email: expected an e-mail address"),
        (["bob", "--email", "b@x\nBCC:c@x", "--create"], 2, "--email: expected an e-mail address"),
        (
            ["bob", "--email", "b@x", "--timezone", "Americas/New_York", "--create"],
            2,
            "did you mean America/New_York?",
        ),
        (["bob", "--email", "b@x", "--name", "B\x1b[31m", "--create"], 2, "--name: expected one line"),
        (["bob", "--email", "b@x", "--hours", "always", "--create"], 2, "expected hours such as"),
        (["../bob", "--email", "b@x", "--create"], 2, "ID: expected letters"),
        ([".bob", "--email", "b@x", "--create"], 2, "ID: expected letters"),
        (["alice", "--email", "b@x", "--create"], 2, "account alice already exists"),
        (["7", "--email", "b@x", "--create"], 2, "account 7 already exists"),
        (
            ["bob", "--email", "b@x", "--calendar", "c.ics", "--calendar", "c.ics", "--create"],
            2,
            "listed twice",
        ),
        (["bob", "--email", "b@x"], 5, "no such calendar; --create creates an empty one"),
        (["bob", "--email", "b@x", "--calendar", "calendars/folder.ics"], 5, "found a folder"),
        (["bob", "--email", "b@x", "--calendar", "calendars/empty.ics"], 5, "expected an iCalendar file"),
        (["bob", "--email", "b@x", "--calendar", "calendars/garbage.ics"], 5, "garbage.ics"),
        (["bob", "--email", "b@x", "--calendar", "calendars/cut.ics"], 5, "cut off"),
        (["bob", "--email", "b@x", "--calendar", "calendars/vdir"], 5, "vdir"),
    ],
)
def test_an_invalid_option_is_refused(
    gbook: Gbook, root: Path, arguments: list[str], code: int, said: str
) -> None:
    """One line, its exit code, and nothing is written."""
    (root / "calendars/folder.ics").mkdir()
    (root / "calendars/empty.ics").touch()
    (root / "calendars/garbage.ics").write_bytes(bytes(range(256)) * 8)
    (root / "calendars/cut.ics").write_text(EVENT)
    (root / "calendars/vdir").mkdir()
    (root / "calendars/vdir/cut.ics").write_text(EVENT)
    result = gbook("account", "add", *arguments)
    assert (result.code, said in result.err, result.err.count("\n")) == (code, True, 1), result.err
    assert "\x1b" not in result.err
    assert (root / "gbook.yaml").read_text() == CONFIG
    assert not list(root.rglob("bob*"))


def test_accounts_are_listed_and_shown(gbook: Gbook, root: Path) -> None:
    """For people too."""
    assert "seven@example.com" in gbook("account", "list").out
    shown = gbook("account", "show", "alice").out
    assert "calendars/holidays.ics" in shown
    assert "blocking: always" in shown
    result = gbook("account", "show", "alicia")
    assert (result.code, "did you mean alice?" in result.err) == (4, True)


def test_an_account_is_changed(gbook: Gbook, root: Path) -> None:
    """Comments stay; null removes; --calendar replaces."""
    changed = gbook.json(
        "account", "update", "alice", "--name", "Alice L.", "--timezone", "UTC", "--set", "timezone=null",
        "--calendar", "calendars/other.ics",
    )  # fmt: skip
    assert (changed["name"], changed["timezone"]) == ("Alice L.", None)
    assert [calendar["path"] for calendar in changed["calendars"]] == ["calendars/other.ics"]
    assert "id: alice       # the boss" in (root / "gbook.yaml").read_text()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["alice"], 2, "nothing to change"),
        (["alice", "--email", "nobody"], 2, "--email: expected an e-mail address"),
        (["alice", "--set", "id=al"], 2, "the id cannot change"),
        (["alice", "--set", "emial=a@x"], 2, "did you mean email?"),
        (["alice", "--set", "prefer={foo: 1}"], 2, "gbook: prefer.foo: unknown key"),
        (["alice", "--set", "prefer={days: [x]}"], 2, "gbook: prefer.days[0]: expected a day"),
        (["alicia", "--name", "x"], 4, "did you mean alice?"),
    ],
)
def test_an_invalid_change_is_refused(
    gbook: Gbook, root: Path, arguments: list[str], code: int, said: str
) -> None:
    """gbook.yaml stays as it was."""
    result = gbook("account", "update", *arguments)
    assert (result.code, said in result.err) == (code, True), result.err
    assert (root / "gbook.yaml").read_text() == CONFIG


def test_an_account_is_removed_unless_it_is_needed(gbook: Gbook, root: Path) -> None:
    """An error names the profiles that have it; calendars stay."""
    (root / "profiles").mkdir()
    (root / "profiles/sales.yaml").write_text("groups: [{extId: g, accountIds: [7]}]")
    result = gbook("account", "remove", "7")
    assert (result.code, "used by sales" in result.err) == (2, True)
    assert gbook.json("account", "remove", "alice") == {"status": "Ok"}
    assert [record["id"] for record in gbook.json("account", "list")["records"]] == [7]
    assert gbook("account", "remove", "alice").code == 4


def test_every_command_reports_an_invalid_gbook_yaml(gbook: Gbook, root: Path) -> None:
    """With all its problems, as a document too."""
    (root / "gbook.yaml").write_text("accounts: [{id: a, email: x}, {id: a, email: a@x}]\nzone: UTC\n")
    result = gbook("account", "list", "--json")
    assert result.code == 5
    assert len(json.loads(result.out)["error"]["problems"]) == 2


@pytest.mark.parametrize("account_id", ["9" * 5000, "\u0661"])
def test_not_every_digit_is_a_number(gbook: Gbook, root: Path, account_id: str) -> None:
    """Too many for any id, and those of other scripts, which stay text."""
    result = gbook("account", "add", account_id, "--email", "nine@example.com", "--create")
    assert result.code in (0, 2)
    assert "bug" not in result.err


def test_missing_answers_are_asked_for(root: Path) -> None:
    """On a terminal, each checked at once and asked again; a line feed takes the default."""
    (root / "calendars/broken.ics").write_text("BEGIN:VCALENDAR")
    answers = [
        ("Id", "alice"),
        ("Id", "8"),
        ("E-mail", "bob"),
        ("E-mail", "bob@example.com"),
        ("Name", "Bob"),
        ("Time zone", "Europe/Berln"),
        ("Time zone", "Europe/Berlin"),
        ("Calendar", "calendars/broken.ics"),
        ("Calendar", ""),
    ]
    with terminal("account", "add", folder=root) as person:
        for question, answer in answers:
            person.answer(question, answer)
        person.wait("Create it?")
        person.press(ENTER)
        code, shown = person.end()
    assert code == 0, shown
    for said in ("alice already exists", "expected an e-mail", "did you mean Europe/Berlin", "broken.ics"):
        assert said in shown
    (added,) = (item for item in GbookProcess().json("account", "list")["records"] if item["id"] == 8)
    assert (added["name"], added["email"], added["timezone"]) == ("Bob", "bob@example.com", "Europe/Berlin")
    assert added["calendars"][0]["path"] == "calendars/8.ics"
    assert Calendar.from_ical((root / "calendars/8.ics").read_bytes())


def test_only_missing_values_are_asked(root: Path) -> None:
    """A refused calendar is not created, and Ctrl-C writes nothing."""
    before = (root / "gbook.yaml").read_bytes()
    said = ["account", "add", "bob", "--name", "Bob", "--timezone", "UTC"]
    with terminal(*said, "--calendar", "calendars/alice.ics", folder=root) as person:
        person.answer("E-mail", "bob@example.com")
        code, shown = person.end()
    assert code == 5, shown
    with terminal(*said, folder=root) as person:
        person.answer("E-mail", "bob@example.com")
        person.answer("Calendar", "")
        person.wait("Create it?")
        person.press("n", ENTER)
        code, shown = person.end()
    assert (code, (root / "calendars/bob.ics").exists()) == (5, False), shown
    with terminal("account", "add", "--create", folder=root) as person:
        person.answer("Id", "carol")
        person.wait("E-mail")
        person.press(CTRL_C)
        code, shown = person.end()
    assert code == 130, shown
    assert (root / "gbook.yaml").read_bytes() == before


def test_a_store_that_overwrites_bookings_is_warned_of(gbook: Gbook, root: Path) -> None:
    """The account is added, and updated, with a warning."""
    (root / "evolution/calendar/system").mkdir(parents=True)
    path = "evolution/calendar/system/calendar.ics"
    added = gbook("account", "add", "bob", "--email", "b@example.com", "--create", "--calendar", path)
    assert (added.code, "overwrite bookings" in added.err) == (0, True)
    changed = gbook("account", "update", "alice", "--calendar", path)
    assert (changed.code, "overwrite bookings" in changed.err) == (0, True)
