"""Many processes book in calendars on real servers at the same time, and some of them are killed.

Each process is the program as a shell starts it. icalendar reads the calendars, not gbook.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from support.caldav_servers import CalDavServer
from support.running import EXIT_CODES, GBOOK
from support.server_scene import AFTER_HOLDS, SLOTS, Scene, foreign_event, slot_text

from gbook.dav.collection import LOCKED

# A machine that is busy with other tests needs long for 32 processes (seconds).
PATIENCE = 240
# Processes of one race that share a cache folder, as the terminals of one user do.
CACHES = 5
# Who a booking is for: all three, the first one who is free, one of them.
WISHES = (("--required", "all"), ("--required", "all"), ("--required", "one"), ("--account", "bob"))
KILLED = -9
# Exit codes on a busy machine: others hold the lock of a file for too long, or the servers do not answer.
GAVE_UP = {1, 6}
PLACES = (
    ("radicale", "server"),
    ("xandikos", "server"),
    ("radicale", "host in file"),
    ("xandikos", "host on server"),
)


class Outcome(NamedTuple):
    """The end of a process: its exit code, and what it printed."""

    code: int
    document: Any


def start(
    scene: Scene, slot: datetime, number: int = 0, *more: str, **variables: str
) -> subprocess.Popen[str]:
    """Start a process that books a slot, and gives a busy server time to answer."""
    place = ("--workspace", str(scene.folder), "--timeout", "60")
    guest = ("--name", f"Guest {number}", "--email", f"guest{number}@example.org")
    return subprocess.Popen(
        [str(GBOOK), *place, "book", "--slot", slot_text(slot), *more, *guest, "--json"],
        env=os.environ | {"XDG_CACHE_HOME": f"{scene.folder}/cache-{number % CACHES}"} | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> Outcome:
    """Wait for a process: it is killed, or keeps to the contract."""
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode in {*EXIT_CODES, KILLED}, err
    assert "Traceback" not in err, err
    return Outcome(process.returncode, json.loads(out) if out else {})


def book(scene: Scene, slot: datetime, *more: str, **variables: str) -> Outcome:
    return ended(start(scene, slot, 0, *more, **variables))


def race(
    scene: Scene, slots: Sequence[datetime], seed: int, *, kill: float = 0, wishes: Sequence[Any] = WISHES
) -> list[Outcome]:
    """Book all slots at once; SIGKILL a share of the processes at moments that the seed gives."""
    chance = random.Random(seed)
    processes = [start(scene, slot, number, *chance.choice(wishes)) for number, slot in enumerate(slots)]
    for process in chance.sample(processes, round(kill * len(processes))):
        time.sleep(chance.random() * 4 / len(processes))
        process.kill()
    return [ended(process) for process in processes]


def check(scene: Scene, outcomes: Sequence[Outcome], *, killed: bool = False) -> set[str]:
    """Assert what must be true after a race, and return the UIDs of the bookings that were reported."""
    told = {outcome.document["id"] for outcome in outcomes if outcome.code == 0}
    scene.check_times()
    scene.check_whole(told | scene.hosted())
    if not killed:
        # What was refused has left nothing: every confirmed event was reported.
        assert set(scene.confirmed()) == told
    return told


def check_later(scene: Scene, slot: datetime, is_free: bool) -> None:
    """Assert that no hold keeps a slot any longer, and that the next booking leaves none."""
    later = book(scene, slot, "--required", "all", GBOOK_NOW=AFTER_HOLDS)
    assert later.code == (0 if is_free else 3), later
    scene.check_times()
    if is_free:
        assert scene.holds() == []
        scene.check_whole([later.document["id"]])


def is_taken(scene: Scene, slot: datetime) -> bool:
    """Return whether any calendar has a confirmed event at a slot."""
    return any(
        event.is_confirmed and event.start < slot + timedelta(minutes=30) and slot < event.end
        for account in scene.places
        for event in scene.events(account)
    )


@contextmanager
def another_program(scene: Scene, account: str, slots: Sequence[datetime]) -> Iterator[dict[str, float]]:
    """Let another program, which knows no holds, write an event at each slot; yield when each was there.

    The times are monotonic, in seconds, after the server's answer.
    """
    over, written = threading.Event(), dict[str, float]()

    def write() -> None:
        for number, slot in enumerate(slots):
            content = foreign_event(f"theirs-{number}", slot, slot + timedelta(minutes=30))
            place = f"{scene.places[account]}theirs-{number}.ics"
            # xandikos answers so while another write is under way.
            while (answer := scene.server.put(place, content)).status == LOCKED:
                time.sleep(0.05)
            assert answer.status in (201, 204), answer
            written[f"theirs-{number}"] = time.monotonic()
            if over.wait(0.3):
                return

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield written
    finally:
        over.set()
        thread.join()


@pytest.fixture(params=PLACES, ids=" ".join)
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Scene:
    """Three accounts with calendars on a server, or a mixture."""
    server, kind = request.param
    return Scene.built(tmp_path / "office", kind, request.getfixturevalue(server))


def test_one_slot_for_five(tmp_path: Path, radicale: CalDavServer) -> None:
    """One process gets the slot of all three calendars; the others leave nothing."""
    scene = Scene.built(tmp_path / "office", "host on server", radicale)
    outcomes = race(scene, [SLOTS[3]] * 5, 1, wishes=[("--required", "all")])
    assert sorted(outcome.code for outcome in outcomes) == [0, 3, 3, 3, 3]
    assert len(check(scene, outcomes)) == 1
    assert scene.holds() == []


@pytest.mark.crash
def test_one_slot_for_thirty_two(scene: Scene) -> None:
    """Bookings of all, of any one and of bob: no time twice, and somebody gets it."""
    outcomes = race(scene, [SLOTS[5]] * 32, 32)
    assert check(scene, outcomes)
    assert [each for each in outcomes if each.code not in {0, *GAVE_UP, 3}] == []
    check_later(scene, SLOTS[5], is_free=False)
    check_later(scene, SLOTS[6], is_free=True)


@pytest.mark.crash
def test_the_last_two_seats_for_ten(scene: Scene) -> None:
    """No seat is taken twice; one that nobody got because of the crowd can be booked afterwards."""
    profile = scene.folder / "profiles/demo.yaml"
    profile.write_text(f"{profile.read_text()}\nseats: 4\n")
    together = ("--required", "all")
    earlier = [book(scene, SLOTS[5], *together) for _ in range(2)]
    outcomes = [*earlier, *race(scene, [SLOTS[5]] * 10, 10, wishes=[together])]
    assert [each for each in outcomes if each.code not in {0, *GAVE_UP, 3}] == []
    told = {outcome.document["id"] for outcome in outcomes if outcome.code == 0}
    assert 2 < len(told) <= 4
    scene.check_whole(told | scene.hosted())
    assert set(scene.confirmed()) == told
    later = [book(scene, SLOTS[5], *together, GBOOK_NOW=AFTER_HOLDS) for _ in range(5 - len(told))]
    assert [outcome.code for outcome in later] == [0] * (4 - len(told)) + [3]
    assert scene.holds() == []


@pytest.mark.crash
def test_sixteen_slots_for_sixteen(scene: Scene) -> None:
    """Every process gets its slot, unless the others keep it waiting for too long: then nothing is left."""
    outcomes = race(scene, SLOTS, 16, wishes=[("--required", "all")])
    assert check(scene, outcomes)
    for slot, outcome in zip(SLOTS, outcomes, strict=True):
        if outcome.code == 3:
            # Another process with the same cache has just learned that an event is gone.
            assert outcome.document["error"]["message"].endswith("try again")
        assert outcome.code in {0, 3, *GAVE_UP}, outcome.document["error"]
        if outcome.code:
            check_later(scene, slot, is_free=True)


@pytest.mark.crash
def test_processes_that_are_killed(scene: Scene) -> None:
    """After kills at any moment there is all of a booking, nothing, or copies that block their time.

    When the holds have expired the slots can be booked, unless such a copy is there.
    """
    slots = [SLOTS[number % 4] for number in range(16)]
    outcomes = race(scene, slots, 3, kill=0.6, wishes=[("--required", "all")])
    assert any(outcome.code == KILLED for outcome in outcomes)
    check(scene, outcomes, killed=True)
    for slot in SLOTS[:4]:
        check_later(scene, slot, is_free=not is_taken(scene, slot))


@pytest.mark.crash
@pytest.mark.parametrize("scene", PLACES[:2], indirect=True, ids=" ".join)
def test_another_program_that_knows_no_holds(scene: Scene) -> None:
    """No booking overlaps an event of another program that was there before the booking began."""
    slots = SLOTS[:8]
    with another_program(scene, "bob", slots[::-1]) as written:
        for seed in range(2):
            before = wait_for(written, 2)
            outcomes = race(scene, slots, seed, wishes=[("--required", "all")])
            told = {outcome.document["id"] for outcome in outcomes if outcome.code == 0}
            scene.check_whole(told)
            scene.check_times(only_ours=True)
            events = scene.events("bob")
            theirs = [event for event in events if event.uid in before]
            for event in events:
                if event.uid in told:
                    assert not any(event.start < each.end and each.start < event.end for each in theirs)
    assert len(written) > 2


def wait_for(written: dict[str, float], number: int) -> set[str]:
    """Wait until another program has written some events, and return the UIDs of all that are there."""
    while len(written) < number:
        time.sleep(0.01)
    return set(written)
