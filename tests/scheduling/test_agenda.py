"""The agenda and availability read the same calendars, and agree about the time that is taken."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.answer_builders import UTC, instant
from support.running import Gbook
from support.samples import copy_samples
from support.team import add_event, book, make_team

from gbook import Exemptions, load_accounts, open_workspace, read_agenda
from gbook.engine.intervals import Intervals
from gbook.timeutil.instants import DAY
from gbook.timeutil.zones import find_zone
from gbook.workspace.workspace import Workspace

NOW = instant("2026-11-23T08:00:00Z")


def check_agreement(workspace: Workspace, low: int, high: int, zone: str = "UTC") -> int:
    """Assert that the busy items of each account are its busy time; return how many items there are.

    All-day events have dates, so the items are read for two days more on both sides.
    """
    accounts = list(workspace.accounts.values())
    shown = find_zone(zone)
    agenda = read_agenda(workspace, accounts, shown, (low - 2 * DAY, high + 2 * DAY), NOW)
    times = load_accounts(workspace, accounts, shown, (low, high), Exemptions(NOW))
    for name, time in times.items():
        busy = ((item.start, item.end) for item in agenda.items if item.account_id == name and item.is_busy)
        assert Intervals(busy).clip(low, high) == time.busy, name
    return len(agenda.items)


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_busy_items_are_the_busy_time_of_the_samples(tmp_path: Path, zone: str) -> None:
    """A year of the sample calendars, as six programs write them."""
    workspace = open_workspace(copy_samples(tmp_path))
    low = instant("2026-01-01T00:00:00Z")
    assert check_agreement(workspace, low, low + 365 * DAY, zone) > 1000


@pytest.mark.parametrize("deliver", ["copies", "host"])
def test_bookings_and_events_are_the_busy_time(
    gbook: Gbook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, deliver: str
) -> None:
    """Bookings, reservations, cancelled ones and a booking that another program has moved."""
    folder = make_team(tmp_path / "team")
    monkeypatch.chdir(folder)
    config = folder / "gbook.yaml"
    config.write_text(config.read_text() + f"deliver: {deliver}\n")
    add_event(folder / "alice.ics", "09:00", "10:00", "SUMMARY:Theirs")
    book(gbook, "12:00", "--required", "all")
    moved = book(gbook, "14:00", "--required", "2")
    gbook("booking", "cancel", book(gbook, "16:00"))
    book(gbook, "11:00", "--reserve", "30")
    calendar = folder / "alice.ics"
    text = calendar.read_bytes()
    begin = text.index(moved.encode())
    event = text.rindex(b"BEGIN:VEVENT", 0, begin)
    end = text.index(b"END:VEVENT", begin)
    later = text[event:end].replace(b"T140000", b"T150000").replace(b"T143000", b"T153000")
    calendar.write_bytes(text[:event] + later + text[end:])
    low = instant("2026-11-24T00:00:00Z")
    assert check_agreement(open_workspace(folder), low, low + DAY) >= 4


@pytest.mark.parametrize("tentative", ["busy", "free"])
def test_a_reservation_that_has_expired_is_left_out(
    tentative: str, gbook: Gbook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in availability; also in a calendar whose tentative events do not block."""
    folder = make_team(tmp_path / "team")
    monkeypatch.chdir(folder)
    calendars = f"calendars=[{{path: alice.ics, tentative: {tentative}}}]"
    assert gbook("account", "update", "alice", "--set", calendars).code == 0
    book(gbook, "12:00", "--reserve", "10")
    workspace = open_workspace(folder)
    accounts = list(workspace.accounts.values())
    window = instant("2026-11-24T00:00:00Z"), instant("2026-11-25T00:00:00Z")
    assert read_agenda(workspace, accounts, UTC, window, NOW).items
    assert not read_agenda(workspace, accounts, UTC, window, NOW + 3600).items
