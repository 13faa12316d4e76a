"""Any rule gives what its definition (RFC 5545 §3.3.10) gives, in any window of any age."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.examples import scaled
from support.oracle_rules import WEEKDAYS, units, walls

from gbook.calendars.ics.values import IcsDateTime
from gbook.calendars.rules.rule import Rule, read_rule
from gbook.calendars.rules.stepper import expand, gives_start

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
FREQUENCIES = ["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY"]
# How many days and times the definition is tried on for one rule.
CANDIDATES = 6_000


def parsed(parts: dict[str, str], start: datetime) -> Rule:
    text = ";".join(f"{name}={value}" for name, value in parts.items())
    rule, faults = read_rule(text, IcsDateTime(start, UTC))
    assert faults == []
    return rule


def stepped(parts: dict[str, str], start: datetime, low: datetime, high: datetime) -> list[datetime]:
    return list(expand(parsed(parts, start), start, (low, high), lambda _: None))


def listed(values: st.SearchStrategy[int], size: int = 3) -> st.SearchStrategy[str]:
    return st.lists(values, min_size=1, max_size=size, unique=True).map(
        lambda found: ",".join(map(str, found))
    )


def signed(high: int) -> st.SearchStrategy[int]:
    return st.integers(-high, high).filter(bool)


def weekdays(highest: int) -> st.SearchStrategy[str]:
    """Weekdays with and without numbers, mixed."""
    number = st.sampled_from(["", "", *(f"{n}" for n in range(-highest, highest + 1) if n)])
    one = st.tuples(number, st.sampled_from(WEEKDAYS)).map("".join)
    return st.lists(one, min_size=1, max_size=4, unique=True).map(",".join)


@st.composite
def rules(draw: st.DrawFn) -> dict[str, str]:
    """Rules of all frequencies with any parts, sense and nonsense."""
    frequency = draw(st.sampled_from(FREQUENCIES))
    within_days = frequency in FREQUENCIES[4:]
    parts = {"FREQ": frequency}
    if draw(st.booleans()):
        parts["INTERVAL"] = str(draw(st.integers(1, 100 if within_days else 5)))
    offered = {
        "BYMONTH": listed(st.integers(1, 12)),
        "BYWEEKNO": listed(st.one_of(signed(53), st.sampled_from([1, 52, 53, -1, -53]))),
        "BYYEARDAY": listed(st.one_of(signed(366), st.sampled_from([1, 60, 365, 366, -1, -366]))),
        "BYMONTHDAY": listed(signed(31)),
        "BYDAY": weekdays(53 if frequency == "YEARLY" else 5),
        "BYHOUR": listed(st.integers(0, 23)),
        "BYMINUTE": listed(st.integers(0, 59)),
        "BYSECOND": listed(st.integers(0, 59), 2),
        "BYSETPOS": listed(st.one_of(signed(6), signed(60))),
    }
    for name in draw(st.lists(st.sampled_from(sorted(offered)), max_size=3, unique=True)):
        parts[name] = draw(offered[name])
    if draw(st.booleans()):
        parts["WKST"] = draw(st.sampled_from(WEEKDAYS))
    if draw(st.integers(0, 3)) == 0:
        parts["COUNT"] = str(draw(st.one_of(st.integers(1, 5), st.integers(1, 300))))
    return parts


starts = st.one_of(
    st.sampled_from(["20151231", "20160101", "20160229", "20141229", "20241231", "20260131", "20261228"]).map(
        lambda text: datetime.strptime(text, "%Y%m%d")
    ),
    st.integers(0, 4000).map(lambda days: datetime(2015, 1, 1) + timedelta(days=days)),
).flatmap(lambda day: st.integers(0, 86_399).map(lambda second: day + timedelta(seconds=second)))


def judged(parts: dict[str, str], start: datetime) -> tuple[list[datetime], datetime]:
    """What the judge finds from the start to some end, and that end."""
    times = 1
    for place in range(3):
        times *= len(units(parts, start, place))
    days = max(1, min(CANDIDATES // times, 2500 if parts["FREQ"] == "YEARLY" else 900))
    end = start + timedelta(days=days)
    return walls(parts, start, end), end


@pytest.mark.slow
@settings(max_examples=scaled(150), deadline=None, suppress_health_check=SLOW)
@given(rules(), starts)
@example({"FREQ": "MONTHLY", "BYDAY": "3MO,WE,FR"}, datetime(2015, 1, 2, 8))
@example({"FREQ": "WEEKLY", "BYDAY": "MO,TU,SU,SA,TH", "BYSETPOS": "3,2"}, datetime(2024, 1, 2, 12))
@example({"FREQ": "YEARLY", "BYWEEKNO": "1,2"}, datetime(2013, 1, 1))
@example({"FREQ": "YEARLY", "BYWEEKNO": "53", "INTERVAL": "5"}, datetime(2016, 1, 1))
@example({"FREQ": "HOURLY", "INTERVAL": "2", "BYHOUR": "9"}, datetime(2016, 1, 1))
def test_a_rule_gives_the_instances_of_its_definition(parts: dict[str, str], start: datetime) -> None:
    """From its start on."""
    expected, end = judged(parts, start)
    assert stepped(parts, start, start, end) == expected


@settings(max_examples=scaled(150), deadline=None, suppress_health_check=SLOW)
@given(rules(), starts, st.floats(0, 1), st.floats(0, 1))
def test_a_later_window_has_the_same_instances(
    parts: dict[str, str], start: datetime, first: float, second: float
) -> None:
    """None is lost or counted twice."""
    end = start + timedelta(days=4000 if parts["FREQ"] in FREQUENCIES[:4] else 8)
    low, high = (start + (end - start) * share for share in sorted([first, second]))
    everything = stepped(parts, start, start, high)
    assert stepped(parts, start, low, high) == [wall for wall in everything if wall >= low]


@settings(max_examples=scaled(100), deadline=None, suppress_health_check=SLOW)
@given(rules(), starts)
def test_whether_a_rule_gives_its_own_start(parts: dict[str, str], start: datetime) -> None:
    """As the definition says for a start one day earlier."""
    parts = {name: value for name, value in parts.items() if name not in {"COUNT", "INTERVAL"}}
    days = {"BYDAY", "BYMONTHDAY", "BYYEARDAY"}
    # Elsewhere the day itself is taken from the start.
    if parts["FREQ"] in FREQUENCIES[3:] or days & parts.keys():
        found = walls(parts, start - timedelta(days=1), start + timedelta(seconds=1))
        assert gives_start(parsed(parts, start), start) == (start in found)
