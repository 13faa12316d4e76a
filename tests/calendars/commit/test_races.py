"""Many processes book the same time: no account is booked twice, and no write of any program is lost.

Each process is the program as a shell starts it; icalendar reads the result, not gbook.
"""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.ics import parsed_events
from support.office import make_office
from support.running import GBOOK

PATIENCE = 120
_PROFILE = """
durationMinutes: 30
availabilityStep: 30
subject: Race
workHours:
  timezone: UTC
  daySchedules:
    - {dayOfWeek: tuesday, workingIntervals: [{start: 09:00, end: 17:00}]}
"""
SLOTS = [datetime(2026, 11, 24, 9, tzinfo=UTC) + timedelta(minutes=30 * number) for number in range(16)]

pytestmark = pytest.mark.crash


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """Two files and a vdir, whose accounts meet in pairs and all together."""
    folder = make_office(tmp_path / "office")
    (folder / "profiles/demo.yaml").unlink()
    for name, members in (("pair", "alice, bob"), ("three", "alice, bob, carol")):
        (folder / f"profiles/{name}.yaml").write_text(f"{_PROFILE}accounts: [{members}]\n")
    return folder


def race(commands: Sequence[tuple[Path, Sequence[str]]]) -> list[tuple[int, dict[str, Any]]]:
    """Run all commands (workspace and arguments) at once; return the exit code and document of each.

    On a busy machine other commands may hold the locks for longer than gbook waits. A command that fails with
    `locked` is run again after the race, as a user would do.
    """
    processes = [_started(workspace, arguments) for workspace, arguments in commands]
    results = [_ended(process) for process in processes]
    for number, (workspace, arguments) in enumerate(commands):
        if results[number][1].get("error", {}).get("code") == "locked":
            results[number] = _ended(_started(workspace, arguments))
    return results


def _started(workspace: Path, arguments: Sequence[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [GBOOK, "--workspace", str(workspace), *arguments, "--json"],
        env=os.environ | {"XDG_CACHE_HOME": str(workspace / "cache")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _ended(process: subprocess.Popen[str]) -> tuple[int, dict[str, Any]]:
    out, err = process.communicate(timeout=PATIENCE)
    assert "Traceback" not in err
    return process.returncode, json.loads(out)


def booking(slot: datetime, profile: str) -> list[str]:
    return ["book", "-p", profile, "--required", "all", "--slot", f"{slot:%Y-%m-%dT%H:%MZ}", "--name", "Jane"]


def starts(calendar: Path) -> list[datetime]:
    """Return the starts of gbook's events in a calendar; every file must be valid."""
    files = sorted(calendar.glob("*.ics")) if calendar.is_dir() else [calendar]
    return sorted(
        event.start
        for file in files
        for event in parsed_events(file.read_bytes())
        if "X-GBOOK-PROFILE" in event
    )


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob(".*gbook-*") if not path.name.endswith("lock")]


@contextmanager
def rewriting(calendar: Path, change: Callable[[bytes, int], bytes]) -> Iterator[list[int]]:
    """Run a program that ignores the locks and replaces a file again and again, as sync tools do.

    Each version is the current file with a change by that program. Yield a list with the number of versions.
    """
    done, count = threading.Event(), [0]

    def rewrite() -> None:
        while not done.is_set():
            count[0] += 1
            content = calendar.read_bytes()
            fresh = calendar.with_name(f".sync-{count[0] % 2}")
            fresh.write_bytes(change(content, count[0]))
            if calendar.read_bytes() == content:
                fresh.replace(calendar)
            done.wait(0.02)

    thread = threading.Thread(target=rewrite)
    thread.start()
    try:
        yield count
    finally:
        done.set()
        thread.join()


def test_one_slot_for_thirty_two(office: Path) -> None:
    """One process books; the others get an error with the nearest free slots."""
    results = race([(office, booking(SLOTS[10], "three"))] * 32)
    assert sorted(code for code, _ in results) == [0] + [3] * 31
    for code, document in results:
        if code:
            assert document["created"] is False
            assert document["error"]["code"] == "slot_unavailable"
            assert len(document["alternatives"]) == 5
    for calendar in ("alice.ics", "bob.ics", "carol"):
        assert starts(office / calendar) == [SLOTS[10]]
    assert leftovers(office) == []


@pytest.mark.parametrize("taken", [0, 11])
def test_the_last_seats_for_thirty_two(office: Path, taken: int) -> None:
    """Of twelve seats some are taken: as many processes book as are left, the others are refused."""
    members = "accounts: [alice, bob]\nrequired: all\nseats: 12\n"
    (office / "profiles/course.yaml").write_text(_PROFILE + members)
    for _ in range(taken):
        race([(office, booking(SLOTS[3], "course"))])
    results = race([(office, booking(SLOTS[3], "course"))] * 32)
    assert sorted(code for code, _ in results) == [0] * (12 - taken) + [3] * (20 + taken)
    assert len({document["id"] for code, document in results if not code}) == 12 - taken
    for calendar in ("alice.ics", "bob.ics"):
        assert starts(office / calendar) == [SLOTS[3]] * 12
    assert leftovers(office) == []


def test_a_guest_with_a_limit_books_from_thirty_two_terminals(office: Path) -> None:
    """Two bookings a week, with whichever accounts: the accounts of the profile take turns."""
    members = "accounts: [alice, bob, carol]\nmaxGuestBookingsPerWeek: 2\n"
    (office / "profiles/intro.yaml").write_text(_PROFILE + members)
    commands = []
    for number in range(32):
        account = ("alice", "bob", "carol")[number % 3]
        slot = f"{SLOTS[number % 16]:%Y-%m-%dT%H:%MZ}"
        arguments = ["book", "-p", "intro", "--account", account, "--slot", slot]
        commands.append((office, [*arguments, "--email", "Jane@example.com"]))
    results = race(commands)
    assert sorted(code for code, _ in results) == [0, 0] + [3] * 30
    assert sum(len(starts(office / calendar)) for calendar in ("alice.ics", "bob.ics", "carol")) == 2


def test_a_guest_with_a_limit_confirms_and_moves_from_several_terminals(office: Path) -> None:
    """One of three reservations is confirmed, and one of three bookings moves into its week."""
    members = "accounts: [alice, bob, carol]\nmaxGuestBookingsPerWeek: 1\n"
    (office / "profiles/intro.yaml").write_text(_PROFILE + members)
    jane = ["--name", "Jane", "--email", "jane@example.com"]
    weeks = [(timedelta(0), ["--reserve", "1h"], ["reservation", "confirm"], jane)]
    moved = f"{SLOTS[9] + timedelta(days=7):%Y-%m-%dT%H:%MZ}"
    weeks.append((timedelta(days=14), jane, ["booking", "reschedule"], ["--slot", moved]))
    for later, more, change, options in weeks:
        commands = []
        for number, account in enumerate(("alice", "bob", "carol")):
            at = SLOTS[number] + later + timedelta(days=7 * number if more is jane else 0)
            arguments = ["book", "-p", "intro", "--account", account, "--slot", f"{at:%Y-%m-%dT%H:%MZ}"]
            ((_, document),) = race([(office, [*arguments, *more])])
            commands.append((office, [*change, document["id"], *options]))
        results = race(commands)
        assert sorted(code for code, _ in results) == [0, 3, 3]


def test_sixteen_slots_for_sixteen(office: Path) -> None:
    """Different slots of the same two accounts: every process books, and nothing is lost."""
    results = race([(office, booking(slot, "pair")) for slot in SLOTS])
    assert [code for code, _ in results] == [0] * 16
    assert starts(office / "alice.ics") == SLOTS
    assert starts(office / "bob.ics") == SLOTS


def test_first_slot_for_sixteen(office: Path) -> None:
    """Each process gets the earliest slot that is left."""
    arguments = ["book", "-p", "three", "--required", "all", "--slot", "first", "--name", "Jane"]
    results = race([(office, arguments)] * 16)
    assert [code for code, _ in results] == [0] * 16
    assert starts(office / "carol") == SLOTS


def test_one_key_for_twelve(office: Path) -> None:
    """The same key books once; every process gets the same booking."""
    arguments = ["book", "-p", "pair", "--slot", "first", "--name", "Jane", "--key", "order 7"]
    results = race([(office, arguments)] * 12)
    assert {code for code, _ in results} == {0}
    assert len({str(document["id"]) for _, document in results}) == 1
    assert len(starts(office / "alice.ics")) == 1
    assert starts(office / "bob.ics") == []


def test_two_workspaces_that_share_a_calendar(office: Path, tmp_path: Path) -> None:
    """Both workspaces have alice's calendar: each slot is booked by one of them only."""
    other = make_office(tmp_path / "other")
    config = (other / "gbook.yaml").read_text()
    (other / "gbook.yaml").write_text(config.replace("[alice.ics]", "[../office/alice.ics]"))
    (other / "alice.ics").unlink()
    (other / "profiles/demo.yaml").write_text(f"{_PROFILE}accounts: [alice, carol]\n")
    slots = SLOTS[:8]
    commands = [(office, booking(slot, "pair")) for slot in slots]
    commands += [(other, booking(slot, "demo")) for slot in slots]
    results = race(commands)
    assert sorted(code for code, _ in results) == [0] * 8 + [3] * 8
    assert starts(office / "alice.ics") == slots
    assert sorted(starts(office / "bob.ics") + starts(other / "carol")) == slots


def test_while_another_program_rewrites_the_file(office: Path) -> None:
    """A sync tool replaces alice's file all the time: neither program loses a change."""
    stamp = b"X-SYNCED:%d\r\n"

    def synced(content: bytes, count: int) -> bytes:
        head, _, rest = content.partition(b"PRODID")
        return head.split(b"X-SYNCED")[0] + stamp % count + b"PRODID" + rest

    with rewriting(office / "alice.ics", synced) as count:
        results = race([(office, booking(slot, "pair")) for slot in SLOTS[:8]])
    # The sync tool may put back the version that it read before a booking, or prevent a booking (6).
    booked = [slot for slot, (code, _) in zip(SLOTS, results, strict=False) if code == 0]
    assert {code for code, _ in results} <= {0, 6}
    assert booked, "a file that is left alone for twenty milliseconds at a time can be booked in"
    assert starts(office / "bob.ics") == booked
    assert b"X-SYNCED" in (office / "alice.ics").read_bytes()
    assert count[0] > 8
    assert leftovers(office) == []


def test_hosts_that_want_the_same_member(tmp_path: Path) -> None:
    """With `deliver: host` no two hosts write the same calendar; the member still meets one at a time."""
    folder = make_office(tmp_path / "office", "deliver: host")
    (folder / "profiles/demo.yaml").unlink()
    for host in ("alice", "carol"):
        (folder / f"profiles/{host}.yaml").write_text(f"{_PROFILE}accounts: [{host}, bob]\n")
    commands = [booking(slot, host) for slot in SLOTS[:6] for host in ("alice", "carol")]
    results = race([(folder, arguments) for arguments in commands])
    assert sorted(code for code, _ in results) == [0] * 6 + [3] * 6
    assert sorted(starts(folder / "alice.ics") + starts(folder / "carol")) == SLOTS[:6]
    assert starts(folder / "bob.ics") == []
