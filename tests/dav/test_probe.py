"""What a calendar keeps of the promises that writing rests on: found by a test event that leaves no trace."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from support.caldav_servers import CalDavServer
from support.dav import connected
from support.fake_caldav import Behaviour, FakeCalDav

from gbook.dav.probe import Capabilities, probe
from gbook.errors import GbookError, InvalidFile, Unreachable


def ability(fake: FakeCalDav, behaviour: Behaviour) -> Capabilities:
    """What is found on a server that behaves like this; nothing is left behind."""
    url = fake.new_calendar()
    fake.behaviour = behaviour
    found = probe(connected(fake, url))
    assert not any(fake.calendars.values())
    return found


def test_real_servers_keep_the_promises(calendar_server: CalDavServer) -> None:
    """Both write the event in their own way; the test event is gone afterwards."""
    calendar = connected(calendar_server, calendar_server.new_calendar())
    found = probe(calendar)
    assert found == Capabilities(
        writable=True,
        create_only=True,
        match=True,
        sync=True,
        keeps_bytes=False,
        clock_skew=found.clock_skew,
    )
    assert found.clock_skew is not None and abs(found.clock_skew) < 60
    assert not calendar.changes(None).changed


def test_many_programs_test_a_calendar_at_once(xandikos: CalDavServer) -> None:
    """xandikos answers 423 while another write locks its repository: that is no broken promise."""
    url = xandikos.new_calendar()

    def is_safe(_: int) -> bool | None:
        try:
            return probe(connected(xandikos, url)).is_safe
        except Unreachable:
            return None

    with ThreadPoolExecutor(6) as pool:
        found = {*pool.map(is_safe, range(6))}
    assert True in found
    assert False not in found
    assert not connected(xandikos, url).changes(None).changed


@pytest.mark.parametrize(
    ("behaviour", "missing"),
    [
        (Behaviour(), set()),
        (Behaviour(ignores_if_none_match=True), {"create_only"}),
        (Behaviour(ignores_if_match=True), {"match"}),
        (Behaviour(sync_refusal=403), {"sync"}),
        (Behaviour(has_etag_header=False), {"match"}),
    ],
)
def test_a_broken_promise_is_found(fake: FakeCalDav, behaviour: Behaviour, missing: set[str]) -> None:
    found = ability(fake, behaviour)
    assert found.writable and found.keeps_bytes
    assert {name for name in ("create_only", "match", "sync") if not getattr(found, name)} == missing


def test_a_calendar_that_refuses_writes_is_not_writable(fake: FakeCalDav) -> None:
    found = ability(fake, Behaviour(write_status=403, does_write=False))
    assert found == Capabilities(False, clock_skew=found.clock_skew, refusal="the server answered 403")


def test_the_clock_of_the_server_is_compared(fake: FakeCalDav) -> None:
    skew = ability(fake, Behaviour(clock=-7200)).clock_skew
    assert skew is not None and -7260 < skew < -7140


@pytest.mark.parametrize("fault", range(1, 12))
def test_a_failure_halfway_leaves_nothing_behind(fake: FakeCalDav, fault: int) -> None:
    """One request gets no answer, each in turn, though the server did what it was told."""
    url = fake.new_calendar()
    fake.behaviour = Behaviour(fault=fault)
    message = ""
    try:
        probe(connected(fake, url))
    except GbookError as error:
        message = error.message
    left = [name for calendar in fake.calendars.values() for name in calendar]
    assert not left or f"delete the test event {left[0]} yourself" in message


def test_a_test_event_that_cannot_be_deleted_is_named(fake: FakeCalDav) -> None:
    url = fake.new_calendar()
    fake.behaviour = Behaviour(refuses_deletion=True)
    with pytest.raises(InvalidFile, match=r"delete the test event gbook-test-.*\.ics yourself") as raised:
        probe(connected(fake, url))
    (name,) = fake.calendars[url.removeprefix(fake.url.rstrip("/"))]
    assert name in raised.value.message


def test_a_doubtful_answer_is_no_ability(fake: FakeCalDav) -> None:
    url = fake.new_calendar()
    fake.behaviour = Behaviour(write_status=500)
    with pytest.raises(GbookError, match="500"):
        probe(connected(fake, url))
