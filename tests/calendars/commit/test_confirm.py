"""From holds to a booking: copies, the host's event, and what is undone if a step fails."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.holds.servers import Answers, Servers, is_content

from gbook.calendars.commit.confirm import Change, Commit, Failed, Place, Reason, Unresolved
from gbook.calendars.commit.holds import Hold, WantedHold
from gbook.calendars.commit.operations import (
    REFUSED,
    UNKNOWN,
    Delete,
    Done,
    Fetch,
    Operation,
    Replace,
    Steps,
    drive,
)
from gbook.errors import GbookError

NAME = "gbook-1.ics"


def office() -> Servers:
    """Three calendars with a hold of ours in each: two copies, and the host."""
    return Servers(**{key: {NAME: b"hold"} for key in ("a", "b", "host")})


def hold_of(servers: Servers, key: str) -> Hold:
    return Hold(NAME, servers.etag(key, NAME), WantedHold(key, b"hold", is_content(b"hold")))


def holds(servers: Servers) -> list[Hold]:
    return [hold_of(servers, key) for key in servers]


def booked(servers: Servers, *keys: str) -> list[Change]:
    return [Change.of_hold(hold_of(servers, key), b"booked", is_content(b"booked")) for key in keys]


def moved(*keys: str) -> list[Change]:
    return [
        Change(Place(key, NAME), lambda content: content + b" moved", is_content(b"event moved"))
        for key in keys
    ]


def contents(servers: Servers) -> set[bytes]:
    return {content for resources in servers.values() for content in resources.values()}


def whole(commit: Commit, copies: list[Change], host: list[Change]) -> Steps[Failed | Unresolved | None]:
    failed = yield from commit.copies(copies)
    return failed or (yield from commit.host(host))


def test_copies_first_and_the_host_last() -> None:
    """All copies at once, then the host: two round trips; each hold becomes the event."""
    servers = office()
    commit = Commit(holds(servers), 0.0)
    changes = booked(servers, "a", "b"), booked(servers, "host")
    assert drive(whole(commit, *changes), servers.perform) is None
    assert drive(commit.finish(), servers.perform) == []
    assert [(type(sent), sent.calendar) for sent in servers.sent] == [
        (Replace, "a"),
        (Replace, "b"),
        (Replace, "host"),
    ]
    assert servers.trips == 2
    assert contents(servers) == {b"booked"}


def test_holds_that_become_no_event_are_deleted() -> None:
    """A calendar whose time is taken without a copy has a hold for as long as the booking is made."""
    servers = office()
    commit = Commit(holds(servers), 0.0)
    assert drive(whole(commit, booked(servers, "a"), booked(servers, "host")), servers.perform) is None
    drive(commit.finish(), servers.perform)
    assert servers == {"a": {NAME: b"booked"}, "b": {}, "host": {NAME: b"booked"}}


def test_nothing_is_confirmed_after_half_of_the_time() -> None:
    """The holds are deleted; nothing else was sent."""
    servers = office()
    servers.clock = 60
    commit = Commit(holds(servers), 0.0)
    failed = drive(commit.copies(booked(servers, "a", "b")), servers.perform)
    assert failed == Failed("late", Place("a", NAME))
    assert not any(isinstance(sent, Replace) for sent in servers.sent)
    assert contents(servers) == set()


def test_the_host_is_not_confirmed_after_half_of_the_time() -> None:
    """The copies that were confirmed are deleted again."""
    servers = office()
    commit = Commit(holds(servers), 0.0)
    host = booked(servers, "host")
    assert drive(commit.copies(booked(servers, "a", "b")), servers.perform) is None
    servers.clock = 60
    assert drive(commit.host(host), servers.perform) == Failed("late", Place("host", NAME))
    assert contents(servers) == set()


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda servers: servers["b"].update({NAME: b"other"}), "changed"),
        (lambda servers: servers["b"].clear(), "changed"),
        (lambda servers: servers.answer(Replace, "b", REFUSED, times=9), "refused"),
    ],
)
def test_a_copy_that_fails(spoil: Callable[[Servers], object], reason: Reason) -> None:
    """The other copies and the holds are deleted; what another program has put stays."""
    servers = office()
    commit, changes = Commit(holds(servers), 0.0), booked(servers, "a", "b")
    spoil(servers)
    assert drive(commit.copies(changes), servers.perform) == Failed(reason, Place("b", NAME))
    assert contents(servers) <= {b"other"}


@pytest.mark.parametrize("happened", [True, False])
@pytest.mark.parametrize("key", ["a", "host"])
def test_a_confirmation_without_an_answer(key: str, happened: bool) -> None:
    """What became of it is found out, and it is repeated if it has not happened."""
    servers = office()
    commit, changes = Commit(holds(servers), 0.0), (booked(servers, "a", "b"), booked(servers, "host"))
    servers.answer(Replace, key, UNKNOWN, happened=happened)
    assert drive(whole(commit, *changes), servers.perform) is None
    assert contents(servers) == {b"booked"}


def test_a_server_that_gives_no_etag_can_be_undone() -> None:
    """The ETag of a copy is asked for, so that it can be deleted again."""
    servers = office()
    commit, changes = Commit(holds(servers), 0.0), (booked(servers, "a"), booked(servers, "host"))
    servers.answer(Replace, "a", Done(None), happened=True)
    servers["host"][NAME] = b"other"
    assert drive(whole(commit, *changes), servers.perform) == Failed("changed", Place("host", NAME))
    assert contents(servers) == {b"other"}


def test_a_host_that_does_not_answer_leaves_all_as_it_is() -> None:
    """The booking may have happened: nothing is undone, nobody is told that it has happened."""
    servers = office()
    commit, changes = Commit(holds(servers), 0.0), (booked(servers, "a", "b"), booked(servers, "host"))
    assert drive(commit.copies(changes[0]), servers.perform) is None
    servers.silent = {"host"}
    assert drive(commit.host(changes[1]), servers.perform) == Unresolved(Place("host", NAME))
    assert contents(servers) == {b"booked", b"hold"}


def test_a_doubtful_host_is_settled_by_its_hold() -> None:
    """If the hold can be deleted, the confirmation can never happen: all is undone."""
    servers = office()
    commit, changes = Commit(holds(servers), 0.0), (booked(servers, "a", "b"), booked(servers, "host"))
    servers.answer(Replace, "host", UNKNOWN, times=9)
    assert drive(whole(commit, *changes), servers.perform) == Failed("unknown", Place("host", NAME))
    assert contents(servers) == set()


def test_a_doubtful_host_that_was_confirmed_late() -> None:
    """If the hold has become the event meanwhile, the booking is made."""
    servers = office()
    commit, changes = Commit(holds(servers), 0.0), (booked(servers, "a", "b"), booked(servers, "host"))
    servers.answer(Replace, "host", UNKNOWN, times=9)
    servers.before(Delete, "host", lambda: servers["host"].update({NAME: b"booked"}))
    assert drive(whole(commit, *changes), servers.perform) is None
    assert contents(servers) == {b"booked"}


def test_the_callers_own_part_fails() -> None:
    """Between the copies and the host the caller commits its local calendars, and may have to undo."""
    servers = office()
    commit = Commit(holds(servers), 0.0)
    drive(commit.copies(booked(servers, "a", "b")), servers.perform)
    assert drive(commit.undo(), servers.perform) == []
    assert contents(servers) == set()


def test_what_cannot_be_undone_is_told() -> None:
    """The place where a copy may be left."""
    servers = office()
    commit = Commit(holds(servers), 0.0)
    drive(commit.copies(booked(servers, "a", "b")), servers.perform)
    servers.silent = {"b"}
    assert drive(commit.undo(), servers.perform) == [Place("b", NAME)]


def test_ctrl_c_undoes_the_copies() -> None:
    """An interruption deletes copies and holds, also the copy whose answer was lost."""
    servers = office()
    commit, changes = Commit(holds(servers), 0.0), booked(servers, "a", "b")
    servers.answer(Replace, "b", Answers.INTERRUPT, happened=True)
    with pytest.raises(KeyboardInterrupt):
        drive(commit.copies(changes), servers.perform)
    assert contents(servers) == set()


# Changes of events that exist


def meeting() -> Servers:
    """The same event in three calendars."""
    return Servers(**{key: {NAME: b"event"} for key in ("a", "b", "host")})


def test_an_edit_starts_from_a_fresh_get() -> None:
    """What another program has added to the event stays in it."""
    servers = meeting()
    servers["a"][NAME] = b"event, alarm"
    change = Change(Place("a", NAME), lambda content: content + b" moved", is_content(b"event, alarm moved"))
    assert drive(Commit((), 0.0).copies([change]), servers.perform) is None
    assert servers["a"] == {NAME: b"event, alarm moved"}


def test_a_move_that_fails_at_the_host_is_undone() -> None:
    """The copies get the bytes that they had."""
    servers = meeting()
    servers.answer(Replace, "host", REFUSED, times=9)
    result = drive(whole(Commit((), 0.0), moved("a", "b"), moved("host")), servers.perform)
    assert result == Failed("refused", Place("host", NAME))
    assert contents(servers) == {b"event"}


@pytest.mark.parametrize("happened", [True, False])
def test_putting_back_without_an_answer(happened: bool) -> None:
    """It is repeated until it is certain."""
    servers = meeting()
    commit = Commit((), 0.0)
    drive(commit.copies(moved("a")), servers.perform)
    servers.answer(Replace, "a", UNKNOWN, happened=happened)
    assert drive(commit.undo(), servers.perform) == []
    assert contents(servers) == {b"event"}


def test_a_move_is_not_put_back_when_its_old_time_is_not_held() -> None:
    """After half of the time somebody else may have the old time: the copy is told as left."""
    servers = meeting()
    commit = Commit((), 0.0)
    drive(commit.copies(moved("a")), servers.perform)
    servers.clock = 60
    assert drive(commit.undo(), servers.perform) == [Place("a", NAME)]
    assert servers["a"] == {NAME: b"event moved"}


def test_a_doubtful_move_of_the_host_stays_unresolved() -> None:
    """Without a hold of its own nothing keeps the request from being carried out later."""
    servers = meeting()
    servers.answer(Replace, "host", UNKNOWN, times=9)
    result = drive(whole(Commit((), 0.0), moved("a"), moved("host")), servers.perform)
    assert result == Unresolved(Place("host", NAME))
    assert servers["a"] == {NAME: b"event moved"}


@pytest.mark.parametrize(
    ("then", "left"),
    [
        (lambda servers: None, [Place("a", NAME)]),
        (lambda servers: servers["a"].update({NAME: b"other"}), []),
        (lambda servers: servers["a"].update({NAME: b"event moved"}), []),
        (lambda servers: servers.silent.add("a"), [Place("a", NAME)]),
    ],
)
def test_a_doubtful_move_of_a_copy(then: Callable[[Servers], object], left: list[Place]) -> None:
    """It is put back if it has happened; if it may still happen, it is told as left."""
    servers = meeting()
    servers.answer(Replace, "a", UNKNOWN, times=6)

    def perform(operation: Operation) -> object:
        # After the first GET and the six that follow the writes comes that of the undoing.
        if sum(isinstance(sent, Fetch) for sent in servers.sent) == 7:
            then(servers)
        return servers.perform(operation)

    failed = drive(Commit((), 0.0).copies(moved("a")), perform)
    assert failed == Failed("unknown", Place("a", NAME), tuple(left))


def test_an_edit_that_refuses() -> None:
    """Its error is raised after everything is undone."""
    servers = meeting()

    def refuse(_: bytes) -> bytes:
        raise GbookError("another version")

    commit = Commit((), 0.0)
    drive(commit.copies(moved("a", "b")), servers.perform)
    with pytest.raises(GbookError, match="another version"):
        drive(commit.host([Change(Place("host", NAME), refuse, is_content(b""))]), servers.perform)
    assert contents(servers) == {b"event"}


def test_an_event_that_is_gone() -> None:
    """It cannot be changed."""
    servers = meeting()
    servers["b"].clear()
    assert drive(Commit((), 0.0).copies(moved("a", "b")), servers.perform) == Failed(
        "missing", Place("b", NAME)
    )
    assert contents(servers) == {b"event"}


def test_a_calendar_that_cannot_be_read() -> None:
    """Nothing is sent if the present content is not known."""
    servers = meeting()
    servers.silent = {"b"}
    assert drive(Commit((), 0.0).copies(moved("a", "b")), servers.perform) == Failed(
        "unknown", Place("b", NAME)
    )
    assert contents(servers) == {b"event"}


def test_a_deletion_is_undone() -> None:
    """The event is created again, with its bytes."""
    servers = meeting()
    deletion = Change(Place("a", NAME), lambda _: None, is_content(b""))
    commit = Commit((), 0.0)
    drive(commit.copies([deletion]), servers.perform)
    assert servers["a"] == {}
    assert drive(commit.undo(), servers.perform) == []
    assert servers["a"] == {NAME: b"event"}


def test_a_cancellation() -> None:
    """The host's event is the commit; what fails afterwards is told, what is missing needs nothing."""
    servers = meeting()
    servers["a"].clear()
    servers.answer(Replace, "b", REFUSED, times=9)
    commit = Commit()
    assert drive(commit.host(moved("host")), servers.perform) is None
    assert drive(commit.finish(moved("a", "b")), servers.perform) == [Place("b", NAME)]
    assert servers["host"] == {NAME: b"event moved"}


def test_an_edit_that_refuses_after_the_commit() -> None:
    """It is told as a place where something is left: the change itself is made."""
    servers = meeting()

    def refuse(_: bytes) -> bytes:
        raise GbookError("another version")

    changes = [Change(Place("a", NAME), refuse, is_content(b"")), *moved("b")]
    assert drive(Commit().finish(changes), servers.perform) == [Place("a", NAME)]
    assert servers["b"] == {NAME: b"event moved"}
