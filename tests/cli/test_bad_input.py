"""Any mistake gives the exit code of the contract, one clear line, a document, and no change of a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.office import snapshot
from support.running import Gbook

GUEST = ("--name", "Gwen", "--email", "gwen@example.org", "--field", "topic=Looms")
COMMANDS = {"availability": ("availability",), "book": ("book", "--slot", "first", *GUEST)}


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


# A file, its old text, its new text, and the expected message.
MISTAKES = {
    "duration 0": ("profiles/demo.yaml", "durationMinutes: 30", "durationMinutes: 0", "durationMinutes"),
    "step 0": ("profiles/demo.yaml", "availabilityStep: 15", "availabilityStep: 0", "availabilityStep"),
    "start = end": ("profiles/demo.yaml", "end: 17:00", "end: 09:00", "interval is empty"),
    "end before start": (
        "profiles/demo.yaml",
        "durationMinutes",
        'startTime: "2026-12-02T00:00:00Z"\nendTime: "2026-12-01T00:00:00Z"\ndurationMinutes',
        "expected a time after startTime",
    ),
    "unknown zone": (
        "profiles/demo.yaml",
        "timezone: UTC",
        "timezone: Americas/New_York",
        "America/New_York?",
    ),
    "unknown account": ("profiles/demo.yaml", "[alice,", "[alcie,", "did you mean alice?"),
    "unknown account in a group": (
        "profiles/demo.yaml",
        "accounts:",
        "groups: [{extId: sales, accountIds: [bbo]}]\naccounts:",
        "did you mean bob?",
    ),
    "more than the group has": (
        "profiles/demo.yaml",
        "accounts:",
        "groups: [{extId: sales, accountIds: [bob], required: 2}]\naccounts:",
        "expected at most 1",
    ),
    "unknown key": (
        "profiles/demo.yaml",
        "durationMinutes",
        "durationMinute",
        "did you mean durationMinutes",
    ),
    "key twice": (
        "profiles/demo.yaml",
        "durationMinutes",
        "durationMinutes: 5\ndurationMinutes",
        "duplicate key",
    ),
    "no YAML": ("profiles/demo.yaml", "durationMinutes: 30", "durationMinutes: [30", "YAML"),
    "an empty profile": ("profiles/demo.yaml", None, "", "empty"),
    "an account twice": ("gbook.yaml", "id: bob", "id: alice", "alice"),
    "e-mail without @": ("gbook.yaml", "bob@example.com", "bob", "e-mail"),
    "no configuration": ("gbook.yaml", None, ": : :", "YAML"),
    "no text": ("gbook.yaml", None, "\x00\x01", "gbook.yaml"),
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
@pytest.mark.parametrize(("file", "old", "new", "said"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_in_a_file(
    gbook: Gbook, team: Path, command: tuple[str, ...], file: str, old: str | None, new: str, said: str
) -> None:
    """Exit 5, with the file, the key, and what was expected."""
    if old is None:
        (team / file).write_text(new)
    else:
        edit(team / file, old, new)
    before = snapshot(team)
    result = gbook(*command, "--json")
    assert result.code == 5, result
    assert file in result.err
    assert said in result.err
    error = json.loads(result.out)["error"]
    assert (error["code"], Path(error["path"]).name) == ("invalid", Path(file).name)
    assert result.err == f"gbook: {error['message']}\n"
    assert snapshot(team) == before


def test_all_problems_come_together(gbook: Gbook, team: Path) -> None:
    """One message has a line for each problem."""
    edit(team / "profiles/demo.yaml", "durationMinutes: 30", "durationMinutes: 0")
    edit(team / "profiles/demo.yaml", "availabilityStep: 15", "availabilityStep: x")
    result = gbook("availability", "--json")
    assert [problem["key"] for problem in json.loads(result.out)["error"]["problems"]] == [
        "durationMinutes",
        "availabilityStep",
    ]
    assert result.err.count("\n") == 3


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--slot", "2026-11-20T09:00Z"), 3, "past"),
        (("--slot", "2027-11-23T09:00Z"), 3, ""),
        (("--slot", "2026-11-24T03:00Z"), 3, ""),
        (("--slot", "2026-11-24T09:01Z"), 3, "no slot starts"),
        (("--slot", "2026-11-24T09:00Z/2026-11-24T09:31Z"), 3, "lasts 30 minutes"),
        (("--slot", "2026-11-24T09:00Z/2026-11-24T08:30Z"), 2, "after the start"),
        (("--slot", "2026-11-24"), 2, "time of day"),
        (("--slot", "2026-02-30T09:00Z"), 2, "2026-02-30"),
        (("--slot", "0001-01-01T00:00"), 2, ""),
        (("--slot", "9999-12-31T23:59+23:59"), 2, ""),
        (("--slot", "first", "--email", "gwen"), 2, "--email"),
        (("--slot", "first", "--email", "a@b@c"), 2, "--email"),
        (("--slot", "first", "--email", "a@b\nATTENDEE:x"), 2, "--email"),
        (("--slot", "first", "--invite", "gwen"), 2, "--invite"),
        (("--slot", "first", "--required", "many"), 2, "--required"),
        (("--slot", "first", "--required", "4"), 2, "--required: expected at most 3"),
        (("--slot", "first", "--reserve", "0"), 2, "--reserve"),
        (("--slot", "first", "--tz", "Europe/Berlni"), 2, "Europe/Berlin?"),
        (("--slot", "first", "--profile", "dmeo"), 4, "did you mean demo?"),
        (("--slot", "first", "--account", "alcie"), 4, "did you mean alice?"),
        (("--slot", "first", "--group", "sales"), 4, "sales"),
        (("--slot", "first", "--acount", "alice"), 2, "--account"),
    ],
)
def test_a_mistake_on_the_command_line(
    gbook: Gbook, team: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    """Each kind has its exit code; stderr has the same line as the document."""
    before = snapshot(team)
    result = gbook("book", "--json", *GUEST[4:], *arguments)
    assert result.code == code, result
    assert result.err.count("\n") == 1
    assert said in result.err
    document = json.loads(result.out)
    assert result.err == f"gbook: {document['error']['message']}\n"
    assert ("alternatives" in document) == (code == 3)
    assert snapshot(team) == before


def test_an_unknown_command_is_answered_with_the_nearest(gbook: Gbook, team: Path) -> None:
    """Exit 2."""
    result = gbook("boook", "--slot", "first")
    assert (result.code, result.out) == (2, "")
    assert "did you mean book?" in result.err


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_without_a_workspace_there_is_a_hint(
    gbook: Gbook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    """Exit 4, and the message says how to create one."""
    monkeypatch.chdir(tmp_path)
    result = gbook(*command)
    assert (result.code, result.out, result.err.count("\n")) == (4, "", 1)
    assert "gbook init --demo" in result.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("now", ["soon", "9999-12-31T23:59Z", "0001-01-01T00:00+14:00"])
def test_a_now_that_is_none(gbook: Gbook, team: Path, monkeypatch: pytest.MonkeyPatch, now: str) -> None:
    """GBOOK_NOW is part of the command line."""
    monkeypatch.setenv("GBOOK_NOW", now)
    result = gbook("availability")
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert "GBOOK_NOW" in result.err


def test_two_profiles_need_a_choice(gbook: Gbook, team: Path) -> None:
    """Without -p, defaultProfile or $GBOOK_PROFILE: exit 2, with their names."""
    (team / "profiles/other.yaml").write_text("accounts: [bob]\n")
    result = gbook("availability")
    assert result.code == 2
    assert "demo, other" in result.err


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("boook", "no command 'boook'; did you mean book?"),
        ("xyzzy", "no command 'xyzzy'; see gbook --help"),
        ("booking lst", "booking has no command 'lst'; did you mean list?"),
        ("book --slto first", "book has no option --slto; did you mean --slot?"),
        ("--wrkspace x busy", "no option --wrkspace; did you mean --workspace?"),
        ("account list --xyzzy", "account list has no option --xyzzy; see gbook account list --help"),
        ("book --slot", "--slot needs a value"),
        ("busy --ics=1", "--ics takes no value"),
        ("why", "TIME is missing; see gbook why --help"),
        ("account show", "ID is missing; see gbook account show --help"),
        ("profile attach-accounts demo", "which accounts? give ID or --file"),
        ("availability x y", "unexpected argument: x y; see gbook availability --help"),
        (
            "availability --limit 0",
            "--limit: expected a number of at least 1, found 0; see gbook availability --help",
        ),
        (
            "availability --limit x",
            "--limit: expected a number, found 'x'; see gbook availability --help",
        ),
    ],
)
def test_a_wrong_command_line_is_explained(line: str, message: str, gbook: Gbook) -> None:
    """With what was expected, or what is near."""
    assert gbook(*line.split()) == (2, "", f"gbook: {message}\n")
