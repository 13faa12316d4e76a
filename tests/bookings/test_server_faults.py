"""A booking over a connection that loses answers, to a server that fails or says what is not true.

A proxy before a real server makes one fault at each request in turn, or all faults from that request on.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from support.caldav_servers import CalDavServer
from support.environment import NOW
from support.faulty_proxy import (
    FAULTS,
    STALLS,
    UNTRUE,
    Fault,
    FaultyProxy,
    faulty_proxy,
    lost_answer,
    moved_clock,
    unconditional,
)
from support.running import Gbook, Result, check_contract
from support.server_scene import AFTER_HOLDS, SLOTS, Scene, slot_text

from gbook.bookings import server_holds
from gbook.calendars.commit import doubt, holds

GUEST = ("--name", "Gwen", "--email", "gwen@example.org", "--required", "all", "--key", "k")
WRITES = ("PUT", "DELETE")
EVER = 1 << 30


class Stage(NamedTuple):
    """A scene behind a proxy, and the command line."""

    scene: Scene
    proxy: FaultyProxy
    gbook: Gbook
    monkeypatch: pytest.MonkeyPatch

    def book(self, slot: datetime, *options: str, now: str = NOW) -> Result:
        """Run the command; it keeps to the contract."""
        self.monkeypatch.setenv("GBOOK_NOW", now)
        self.monkeypatch.setattr(server_holds, "PATIENCE", 15.0 if now == AFTER_HOLDS else 0.3)
        arguments = (*options, "book", "--slot", slot_text(slot), *GUEST, "--json")
        return check_contract(arguments, self.gbook(*arguments))

    def rounds(
        self, fault: Fault, length: int, methods: Sequence[str] = (), options: Sequence[str] = ()
    ) -> Iterator[Result]:
        """Book with a fault at each request in turn, until none is left to fail; check, clear the calendars.

        `length` is the number of requests in a row that fail.
        """
        for number in range(EVER):
            slot = SLOTS[number % len(SLOTS)]
            self.proxy.begin(fault, number, number + length, *methods)
            result = self.book(slot, *options)
            has_struck = self.proxy.end()
            self.check(slot, result)
            yield result
            if not has_struck:
                assert result.code == 0, result
                return
            self.scene.clear()

    def check(self, slot: datetime, result: Result) -> None:
        """Assert that what was said is true, and that the same command books once when holds have expired."""
        scene = self.scene
        scene.check_times()
        scene.check_whole(scene.hosted())
        if result.code == 0:
            assert scene.hosted() == {result.document["id"]}
            return
        message, code = result.document["error"]["message"], result.document["error"]["code"]
        assert ("not known whether" in message) == (code == "unknown_result"), message
        if code != "unknown_result":
            assert scene.hosted() == set(), result
            assert scene.confirmed() == {} or "copies may be left" in message, result
        later = self.book(slot, now=AFTER_HOLDS)
        assert later.code == 0, later
        scene.check_times()
        scene.check_whole([later.document["id"]])
        assert scene.hosted() == set(scene.confirmed()) == {later.document["id"]}
        assert scene.holds() == [] or later.document["repeated"]


@pytest.fixture
def haste(monkeypatch: pytest.MonkeyPatch) -> None:
    """gbook waits for a moment only before it tries again."""
    monkeypatch.setattr(doubt, "PAUSES", (0.01,) * 3)
    monkeypatch.setattr(holds, "SHORTEST", 0.01)


@pytest.fixture
def stage(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    gbook: Gbook,
    haste: None,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Stage]:
    """A scene whose server is reached through a proxy; its calendars were tried and read before."""
    name, kind = request.param
    server: CalDavServer = request.getfixturevalue(name)
    with faulty_proxy(server) as proxy:
        scene = Scene.built(tmp_path / "office", kind, server, proxy.front)
        monkeypatch.chdir(scene.folder)
        stage = Stage(scene, proxy, gbook, monkeypatch)
        assert stage.book(SLOTS[0]).code == 0
        scene.clear()
        yield stage


def places(faults: Sequence[Fault], *kinds: str) -> pytest.MarkDecorator:
    """Give each fault a server and one of these kinds of scenes, in turn."""
    servers = ("radicale", "xandikos")
    cases = [
        pytest.param((servers[number % 2], kinds[number % len(kinds)]), fault, id=fault.__name__)
        for number, fault in enumerate(faults)
    ]
    return pytest.mark.parametrize(("stage", "fault"), cases, indirect=["stage"])


@places([lost_answer], "host on server")
def test_the_answer_to_any_write_is_lost(stage: Stage, fault: Fault) -> None:
    """The booking finds out that the server has acted, and goes on."""
    assert {result.code for result in stage.rounds(fault, 1, WRITES)} == {0}


@pytest.mark.crash
@places([*FAULTS, *UNTRUE], "server", "host in file", "host on server")
def test_one_fault_at_any_request(stage: Stage, fault: Fault) -> None:
    """The booking is everywhere, or nowhere and refused."""
    results = [*stage.rounds(fault, 1)]
    assert len(results) > 4
    assert any(result.code == 0 for result in results[:-1])


@pytest.mark.crash
@places(FAULTS, "host in file", "host on server", "server")
def test_all_requests_from_any_one_on(stage: Stage, fault: Fault) -> None:
    """The booking is refused, unless the write of the host's event was sent: then its result is not known."""
    assert len([*stage.rounds(fault, EVER)]) > 4


@pytest.mark.crash
@places(STALLS, "host on server", "host in file")
def test_no_answer_to_a_write(stage: Stage, fault: Fault) -> None:
    """The server acts at once, or when gbook does not wait for it any more."""
    assert len([*stage.rounds(fault, 1, WRITES, ["--timeout", "1"])]) > 2


@places([moved_clock(300), moved_clock(-300)], "host on server")
def test_a_clock_that_is_five_minutes_wrong(stage: Stage, fault: Fault) -> None:
    """Nothing is written: holds and reservations expire by the clock."""
    assert_refused(stage, fault, "the server's clock is")


@places([unconditional], "host on server")
def test_a_server_that_ignores_conditions(stage: Stage, fault: Fault, home_folder: Path) -> None:
    """It is found out before the first booking, and nothing is left of the trial."""
    shutil.rmtree(home_folder / ".cache")
    assert_refused(stage, fault, "ignores the conditions")


def assert_refused(stage: Stage, fault: Fault, said: str) -> None:
    """Expect that a booking over the faulty connection is refused, and that the calendars stay empty."""
    stage.proxy.begin(fault, 0)
    result = stage.book(SLOTS[0])
    assert result.code == 5
    assert said in result.err
    stage.proxy.end()
    assert not any(stage.scene.events(account) for account in stage.scene.places)
