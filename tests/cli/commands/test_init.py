"""`gbook init`: the files of a new workspace."""

from __future__ import annotations

import os
from collections.abc import Callable
from errno import ENOSPC
from pathlib import Path

import pytest
from support.ics import parsed_events
from support.running import Gbook

from gbook.filesystem.atomic import create_file


@pytest.fixture(autouse=True)
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_new_workspace_is_ready_for_accounts(gbook: Gbook, empty: Path) -> None:
    """The message names the next command, and it works."""
    result = gbook("init", "team")
    assert (result.code, "gbook account add" in result.out) == (0, True)
    assert (empty / "team/profiles").is_dir()
    assert (empty / "team/calendars").is_dir()
    workspace = ("--workspace", "team")
    assert gbook(*workspace, "account", "add", "jane", "--email", "jane@example.com", "--create").code == 0
    assert gbook(*workspace, "profile", "create", "demo", "--account", "jane").code == 0
    assert gbook(*workspace, "profile", "validate").code == 0
    written = (empty / "team/gbook.yaml").read_text()
    assert written.startswith("# A gbook workspace.")
    assert "#  - id: alice" in written


def test_a_workspace_is_never_overwritten(gbook: Gbook, empty: Path) -> None:
    """Exit 2, and the file stays as it was."""
    (empty / "gbook.yaml").write_text("accounts: []\n")
    for arguments in (["init"], ["init", ".", "--demo"]):
        result = gbook(*arguments)
        assert (result.code, "already exists" in result.err) == (2, True)
    assert (empty / "gbook.yaml").read_text() == "accounts: []\n"
    assert not (empty / "calendars").exists()


@pytest.mark.parametrize(
    ("there", "demo"),
    [
        (["calendars/alice.ics", "profiles/demo.yaml"], True),
        (["calendars/carol/carol-1.ics"], True),
        (["calendars"], False),
    ],
)
def test_no_file_is_overwritten(gbook: Gbook, empty: Path, there: list[str], demo: bool) -> None:
    """Every file in the way is named, exit 2, and the folder stays as it was."""
    for name in there:
        (empty / name).parent.mkdir(parents=True, exist_ok=True)
        (empty / name).write_text("mine")
    before = sorted(empty.rglob("*"))
    result = gbook("init", *(["--demo"] if demo else []))
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert all(name in result.err for name in there)
    assert sorted(empty.rglob("*")) == before
    assert all((empty / name).read_text() == "mine" for name in there)


def test_a_link_in_the_way_is_not_followed(gbook: Gbook, empty: Path) -> None:
    """Nor is the target of the link created."""
    (empty / "gbook.yaml").symlink_to("elsewhere")
    assert gbook("init").code == 2
    assert not (empty / "elsewhere").exists()


def test_what_fails_halfway_leaves_nothing(
    gbook: Gbook, empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """New files and folders are removed, others stay; the command can be run again."""
    (empty / "team/calendars").mkdir(parents=True)
    with monkeypatch.context() as patch:
        patch.setattr("gbook.workspace.new_files.create_file", _full_after(5))
        assert gbook("init", "--demo", "team").code == 1
    assert sorted(empty.rglob("*")) == [empty / "team", empty / "team/calendars"]
    assert gbook("init", "--demo", "team").code == 0


def _full_after(count: int) -> Callable[[str, bytes], None]:
    """Return a `create_file` that finds the disk full after some files."""
    left = iter(range(count))

    def write(path: str, data: bytes) -> None:
        if next(left, None) is None:
            raise OSError(ENOSPC, os.strerror(ENOSPC), path)
        create_file(path, data)

    return write


def test_the_demo_is_a_team_with_a_group_in_two_zones(gbook: Gbook, empty: Path) -> None:
    """Its files are valid, and its default profile has slots."""
    made = gbook.json("init", "--demo", "team")
    assert made == {"workspace": str(empty / "team"), "demo": True}
    workspace = ("--workspace", "team")
    accounts = gbook.json(*workspace, "account", "list")["records"]
    assert len(accounts) == 5
    assert {account["timezone"] for account in accounts} == {"America/New_York", "Europe/Berlin"}
    assert gbook(*workspace, "profile", "validate").code == 0
    profiles = gbook.json(*workspace, "profile", "list")["records"]
    assert any(profile["groups"] for profile in profiles)
    assert not gbook(*workspace, "account", "list").err


@pytest.mark.parametrize("now", ["2026-03-08T12:00:00Z", "2026-11-01T05:30:00Z", "2031-12-31T23:59:59Z"])
def test_the_demo_has_events_around_now(
    gbook: Gbook, empty: Path, monkeypatch: pytest.MonkeyPatch, now: str
) -> None:
    """Whatever the day: each calendar has one in the weeks around it, and slots are found in between."""
    monkeypatch.setenv("GBOOK_NOW", now)
    assert gbook("init", "--demo").code == 0
    for path in (empty / "calendars").rglob("*.ics"):
        days = [event.start.strftime("%Y-%m-%d") for event in parsed_events(path.read_bytes())]
        assert days, path
        assert all(abs(int(day[:4]) - int(now[:4])) <= 1 for day in days)
    found = gbook.json("availability")["totalSize"]
    assert found == 2
    one = gbook.json("availability")["items"]
    every = gbook.json("availability", "--required", "all")["items"]
    assert len(one) > len(every) > 0


@pytest.mark.parametrize(
    ("zone", "written", "warned"),
    [
        ("Europe/Berlin", "Europe/Berlin", False),
        (":Asia/Kolkata", "Asia/Kolkata", False),
        ("UTC", "UTC", False),
        ("CET-1CEST,M3.5.0,M10.5.0/3", "UTC", True),
    ],
)
def test_the_zone_that_it_runs_in_is_written(
    gbook: Gbook, empty: Path, monkeypatch: pytest.MonkeyPatch, zone: str, written: str, warned: bool
) -> None:
    """Hours stay the same under another TZ; a zone without a name becomes UTC, with a warning."""
    monkeypatch.setenv("TZ", zone)
    result = gbook("init", "team")
    assert (result.code, "timezone: UTC" in result.err) == (0, warned), result.err
    workspace = ("--workspace", "team")
    gbook(*workspace, "account", "add", "jane", "--email", "jane@example.com", "--create")
    gbook(*workspace, "profile", "create", "demo", "--account", "jane")
    first = gbook.json(*workspace, "availability", "--limit", "1")["items"]
    assert f"\ntimezone: {written}\n" in (empty / "team/gbook.yaml").read_text()
    monkeypatch.setenv("TZ", "America/New_York")
    assert gbook.json(*workspace, "availability", "--limit", "1")["items"] == first


def test_the_demo_has_its_own_zone(gbook: Gbook, empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In any environment."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    gbook("init", "--demo", "team")
    assert "\ntimezone: America/New_York\n" in (empty / "team/gbook.yaml").read_text()


@pytest.mark.parametrize("command", ["book --slot first", "availability"])
def test_a_new_workspace_needs_an_account_first(
    gbook: Gbook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """A profile comes after it."""
    assert gbook("init", str(tmp_path / "team")).code == 0
    monkeypatch.chdir(tmp_path / "team")
    result = gbook(*command.split())
    assert result.code == 4
    assert result.err.endswith("gbook.yaml: add one with: gbook account add ID --email E --create\n")
