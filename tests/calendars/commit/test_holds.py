"""The numbered hold, step by step, against servers in memory that do what the test says."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.holds.servers import Answers, Servers, is_content

from gbook.calendars.commit.holds import Held, NotHeld, Own, Plan, WantedHold, hold
from gbook.calendars.commit.operations import (
    REFUSED,
    UNKNOWN,
    Create,
    Delete,
    Done,
    Look,
    drive,
)

Judged = Callable[[Own], Plan[str] | None]


def item(calendar: str, content: bytes = b"hold") -> WantedHold:
    return WantedHold(calendar, content, is_content(content))


def judging(*items: WantedHold, subject: str = "10:00") -> Judged:
    """Judge everything free."""
    return lambda own: Plan(subject, subject, items)


def held(servers: Servers, judge: Judged, patience: float = 10) -> Held[str] | NotHeld:
    return drive(hold(sorted(servers), judge, patience=patience, random=lambda: 0.5), servers.perform)


def names(result: Held[str] | NotHeld) -> list[str]:
    assert isinstance(result, Held)
    return [f"{each.calendar}/{each.name}" for each in result.holds]


def test_the_name_is_the_next_number() -> None:
    """Only names of the form count, in each calendar for itself."""
    servers = Servers(a={"gbook-9.ics": b"x", "gbook-11.ics": b"x", "gbook-99.txt": b"x"}, b={"1.ics": b"x"})
    assert names(held(servers, judging(item("a"), item("b")))) == ["a/gbook-12.ics", "b/gbook-1.ics"]


def test_several_holds_in_one_calendar() -> None:
    """They get numbers in a row: a proposal holds several times."""
    servers = Servers(a={})
    result = held(servers, judging(item("a", b"one"), item("a", b"two")))
    assert names(result) == ["a/gbook-1.ics", "a/gbook-2.ics"]
    assert servers["a"] == {"gbook-1.ics": b"one", "gbook-2.ics": b"two"}


def test_a_hold_costs_three_round_trips() -> None:
    """Look, create in all calendars at once, look again."""
    servers = Servers(a={}, b={}, c={})
    held(servers, judging(item("a"), item("b"), item("c")))
    assert [type(sent).__name__ for sent in servers.sent] == ["Look", "Create", "Create", "Create", "Look"]
    assert servers.trips == 3


def test_nothing_to_book() -> None:
    """A plan without holds writes nothing: the booking of this key exists already."""
    servers = Servers(a={})
    assert held(servers, judging()) == Held(Plan("10:00", "10:00", ()), (), 0.0)
    assert servers.written == []


def test_the_second_plan_is_returned() -> None:
    """It is the one that was made with the holds in place."""
    values = iter(["first", "second"])
    result = held(Servers(a={}), lambda own: Plan("10:00", next(values), [item("a")]))
    assert isinstance(result, Held) and result.plan.value == "second"


def test_the_second_judgement_leaves_the_own_holds_out() -> None:
    """The judge is given their names."""
    given: list[Own] = []

    def judge(own: Own) -> Plan[str]:
        given.append(own)
        return Plan("", "", [item("a")])

    held(Servers(a={}), judge)
    assert given == [{}, {"a": frozenset({"gbook-1.ics"})}]


def test_what_came_between_withdraws_the_holds() -> None:
    """If the time is taken at the second look, the holds are deleted and the refusal is raised."""
    servers = Servers(a={}, b={})

    def judge(own: Own) -> Plan[str]:
        if own:
            raise RuntimeError("taken")
        return Plan("", "", [item("a"), item("b")])

    with pytest.raises(RuntimeError, match="taken"):
        held(servers, judge)
    assert servers == {"a": {}, "b": {}}


def test_another_plan_begins_again() -> None:
    """If the second look gives another plan (another account), that plan is held."""
    servers = Servers(a={}, b={})
    plans = iter([("x", "a"), ("y", "b"), ("y", "b"), ("y", "b")])

    def judge(_: Own) -> Plan[str]:
        subject, calendar = next(plans)
        return Plan(subject, subject, [item(calendar)])

    assert names(held(servers, judge)) == ["b/gbook-1.ics"]
    assert servers["a"] == {}


def test_another_hold_under_way_is_waited_for() -> None:
    """A judge that returns None is asked again, until it decides."""
    answers = iter([None, None, Plan("", "", [item("a")]), Plan("", "", [item("a")])])
    servers = Servers(a={})
    assert names(held(servers, lambda own: next(answers))) == ["a/gbook-1.ics"]
    assert servers.clock > 0


def test_waiting_ends() -> None:
    """After the patience, the holds of others are the reason."""
    servers = Servers(a={})
    assert held(servers, lambda own: None, patience=10) == NotHeld("busy")
    assert 10 <= servers.clock < 13


def test_holds_of_others_at_the_second_look_withdraw_ours() -> None:
    """Two programs that see each other both step back; then one is first."""
    servers = Servers(a={})
    plan = Plan("", "", [item("a")])
    answers = iter([plan, None, plan, plan])
    assert names(held(servers, lambda own: next(answers))) == ["a/gbook-1.ics"]
    assert [type(sent) for sent in servers.written] == [Create, Delete, Create]


def test_a_number_that_is_taken() -> None:
    """The next look gives the next number, and the holds in other calendars stay."""
    servers = Servers(a={}, b={})
    servers.before(Create, "b", lambda: servers["b"].update({"gbook-1.ics": b"other"}))
    assert names(held(servers, judging(item("a"), item("b")))) == ["a/gbook-1.ics", "b/gbook-2.ics"]
    assert [type(sent) for sent in servers.written] == [Create, Create, Create]


def test_a_time_that_is_taken_meanwhile() -> None:
    """After a lost number the judge decides whether to go on."""
    servers = Servers(a={}, b={})
    servers.before(Create, "b", lambda: servers["b"].update({"gbook-1.ics": b"other"}))

    def judge(own: Own) -> Plan[str]:
        if servers["b"].get("gbook-1.ics") == b"other":
            raise RuntimeError("taken")
        return Plan("", "", [item("a"), item("b")])

    with pytest.raises(RuntimeError):
        held(servers, judge)
    assert servers == {"a": {}, "b": {"gbook-1.ics": b"other"}}


@pytest.mark.parametrize("happened", [True, False])
def test_a_creation_without_an_answer(happened: bool) -> None:
    """Whether the hold exists is found out by its content; it is repeated under the same name."""
    servers = Servers(a={})
    servers.answer(Create, "a", UNKNOWN, happened=happened)
    assert names(held(servers, judging(item("a")))) == ["a/gbook-1.ics"]
    assert len(servers.written) == (1 if happened else 2)


def test_a_loser_that_gets_no_answer() -> None:
    """A server may fail for the loser of a race: the content tells that the hold is not ours."""
    servers = Servers(a={})
    servers.before(Create, "a", lambda: servers["a"].update({"gbook-1.ics": b"other"}))
    servers.answer(Create, "a", UNKNOWN, happened=False)
    assert names(held(servers, judging(item("a")))) == ["a/gbook-2.ics"]


def test_a_server_that_never_answers() -> None:
    """The calendar is named; holds elsewhere are deleted."""
    servers = Servers(a={}, b={})
    servers.silent = {"b"}
    assert held(servers, judging(item("a"), item("b"))) == NotHeld("unknown", "b")
    assert servers["a"] == {}


def test_a_server_that_refuses() -> None:
    """After the second refusal of a free name there is no point in waiting."""
    servers = Servers(a={}, b={})
    servers.answer(Create, "b", REFUSED, times=99)
    assert held(servers, judging(item("a"), item("b"))) == NotHeld("refused", "b")
    assert servers["a"] == {}
    assert servers.clock < 1


def test_a_server_that_gives_no_etag() -> None:
    """The ETag is that of a GET, whose content is ours."""
    servers = Servers(a={})
    servers.answer(Create, "a", Done(None), happened=True)
    result = held(servers, judging(item("a")))
    assert isinstance(result, Held) and result.holds[0].etag == servers.etag("a", "gbook-1.ics")


def test_an_expired_hold_is_deleted_first() -> None:
    """It is deleted with the ETag that was judged, then everything is judged again."""
    servers = Servers(a={"gbook-1.ics": b"expired"})

    def judge(own: Own) -> Plan[str]:
        is_there = servers["a"].get("gbook-1.ics") == b"expired"
        return Plan("", "", [item("a")], [("a", "gbook-1.ics")] if is_there else [])

    held(servers, judge)
    assert [type(sent) for sent in servers.sent] == [Look, Delete, Look, Create, Look]


def test_a_hold_that_is_not_listed() -> None:
    """A listing that is late is asked for again; until the own hold is in it, it proves nothing."""
    servers = Servers(a={})
    servers.late_listings = 2
    assert names(held(servers, judging(item("a")))) == ["a/gbook-1.ics"]
    assert [type(sent) for sent in servers.sent] == [Look, Create, Look, Look, Look]


def test_a_hold_that_is_never_listed() -> None:
    """It is withdrawn."""
    servers = Servers(a={})
    servers.late_listings = 10_000
    assert held(servers, judging(item("a"))) == NotHeld("busy")
    assert servers["a"] == {}


def test_a_hold_that_another_program_has_replaced() -> None:
    """It is not ours any more: it is neither left out of the judgement nor deleted."""
    servers = Servers(a={})
    given: list[Own] = []

    def judge(own: Own) -> Plan[str]:
        given.append(own)
        if servers["a"]:
            raise RuntimeError("taken")
        servers.before(Create, "a", lambda: servers.before(Look, "", replace))
        return Plan("", "", [item("a")])

    def replace() -> None:
        servers["a"]["gbook-1.ics"] = b"other"

    with pytest.raises(RuntimeError):
        held(servers, judge)
    assert given == [{}, {}]
    assert servers["a"] == {"gbook-1.ics": b"other"}


def test_ctrl_c_withdraws_the_holds() -> None:
    """An interruption while holds are put deletes those that exist, also the one whose answer was lost."""
    servers = Servers(a={}, b={})
    servers.answer(Create, "b", Answers.INTERRUPT, happened=True)
    with pytest.raises(KeyboardInterrupt):
        held(servers, judging(item("a"), item("b")))
    assert servers == {"a": {}, "b": {}}


def test_a_hold_that_cannot_be_deleted_does_not_block_its_owner() -> None:
    """The next attempt leaves it out of the judgement, and tries to delete it again."""
    servers = Servers(a={}, b={})
    plan = Plan("", "", [item("a")])
    answers = iter([plan, None, plan, plan])
    given: list[Own] = []
    servers.answer(Delete, "a", UNKNOWN, times=7)

    def judge(own: Own) -> Plan[str] | None:
        given.append(own)
        return next(answers)

    result = held(servers, judge)
    assert names(result) == ["a/gbook-2.ics"]
    assert given[2:] == [{"a": frozenset({"gbook-1.ics"})}, {"a": frozenset({"gbook-1.ics", "gbook-2.ics"})}]


def test_a_unique_name() -> None:
    """Where a server ignores If-None-Match, the caller gives the name."""
    servers = Servers(a={"gbook-1.ics": b"x"})
    result = held(servers, judging(item("a")._replace(name="gbook-unique.ics")))
    assert names(result) == ["a/gbook-unique.ics"]
