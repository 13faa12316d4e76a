"""`gbook init`: what a newcomer gets."""

from __future__ import annotations

from pathlib import Path

import pytest
from icalendar import Calendar

from cli.running import Gbook


@pytest.fixture(autouse=True)
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_new_workspace_is_ready_for_accounts(gbook: Gbook, empty: Path) -> None:
    """The message says what to do next, and that works."""
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
    """Exit 2, and the file stays."""
    (empty / "gbook.yaml").write_text("accounts: []\n")
    for arguments in (["init"], ["init", ".", "--demo"]):
        result = gbook(*arguments)
        assert (result.code, "exists already" in result.err) == (2, True)
    assert (empty / "gbook.yaml").read_text() == "accounts: []\n"
    assert not (empty / "calendars").exists()


def test_the_demo_is_a_team_with_a_group_in_two_zones(gbook: Gbook, empty: Path) -> None:
    """Its files are valid; its default profile is the one to ask for."""
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
        calendar = Calendar.from_ical(path.read_bytes())
        days = [event.start.strftime("%Y-%m-%d") for event in calendar.walk("VEVENT")]
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
    """Hours stay where they are under another TZ; a zone without a name is UTC, and that is said."""
    monkeypatch.setenv("TZ", zone)
    result = gbook("init", "team")
    assert (result.code, "timezone: UTC" in result.err) == (0, warned), result.err
    workspace = ("--workspace", "team")
    gbook(*workspace, "account", "add", "jane", "--email", "jane@example.com", "--create")
    gbook(*workspace, "profile", "create", "demo", "--account", "jane")
    first = gbook.json(*workspace, "availability", "--first", "1")["items"]
    assert f"\ntimezone: {written}\n" in (empty / "team/gbook.yaml").read_text()
    monkeypatch.setenv("TZ", "America/New_York")
    assert gbook.json(*workspace, "availability", "--first", "1")["items"] == first


def test_the_demo_has_its_own_zone(gbook: Gbook, empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever it runs."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    gbook("init", "--demo", "team")
    assert "\ntimezone: America/New_York\n" in (empty / "team/gbook.yaml").read_text()
