"""Slots as ranges of time, by day and by the members that are free."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from support.answer_builders import NEW_YORK, TUESDAY, answer, instant

from gbook.engine.quorum import Slot
from gbook.profiles.model import Group
from gbook.scheduling.availability import Answer
from gbook.scheduling.ranges import Attendance, attendance, by_attendance, by_day, day_ranges, ranges
from gbook.timeutil.instants import MINUTE, format_instant, local
from gbook.timeutil.zones import find_zone

HOURS = st.sampled_from(["mon-fri 09:00-12:00", "daily 22:00-02:00", "daily 00:00-24:00", "tue 09:10-10:40"])
PEOPLE = ("alice", "bob", "carol", "dave", "erin")


@st.composite
def answers(draw: st.DrawFn) -> Answer:
    """Return an answer for two accounts, a group of two, and an optional account."""
    minutes = st.lists(st.tuples(st.integers(0, 60 * 72), st.integers(5, 200)), max_size=4)
    busy = {}
    for name in PEOPLE:
        begin = instant(TUESDAY)
        spans = ((begin + low * MINUTE, begin + (low + length) * MINUTE) for low, length in draw(minutes))
        busy[name] = [f"{format_instant(low)}/{format_instant(high)}" for low, high in spans]
    return answer(
        busy,
        required=draw(st.sampled_from(["one", 2, "all"])),
        hours=draw(HOURS),
        availability_step=draw(st.sampled_from([15, 30, 45])),
        duration_minutes=draw(st.sampled_from([15, 30, 60])),
    )


def starts_in(spans: list[tuple[int, int]], asked: Answer) -> list[int]:
    """Return the candidate starts of slots that are wholly inside one of the ranges."""
    length = asked.candidates.meeting.duration
    return [
        start
        for start in asked.candidates.starts
        if any(low <= start and start + length <= high for low, high in spans)
    ]


@given(answers())
def test_a_range_says_the_same_as_its_slots(asked: Answer) -> None:
    """Every candidate start that fits into a range is a slot, and every slot is in a range."""
    spans = ranges(asked.slots, asked.candidates.starts)
    assert starts_in(spans, asked) == [slot.start for slot in asked.slots]
    assert spans == sorted(spans)


@given(answers(), st.sampled_from(["America/New_York", "Asia/Kolkata"]), st.booleans())
def test_the_ranges_of_all_days_and_groups_have_every_slot_once(
    asked: Answer, zone: str, with_optional: bool
) -> None:
    """Each slot is in one range of its day and of its members, or passes midnight inside a longer one."""
    length = asked.candidates.meeting.duration
    listed: list[int] = []
    for day in by_day(asked.slots, find_zone(zone)):
        assert {local(slot.start, find_zone(zone)).date() for slot in day.slots} == {day.day}
        for who, slots in by_attendance(day.slots, with_optional=with_optional).items():
            follows = day.following and attendance(day.following, with_optional=with_optional)
            spans = day_ranges(day, slots, asked.candidates.starts, goes_on=who == follows)
            inside = starts_in(spans, asked)
            missing = {slot.start for slot in slots} - set(inside)
            assert all(start < day.end < start + length for start in missing)
            listed += [*inside, *missing]
    assert sorted(listed) == [slot.start for slot in asked.slots]


def test_a_start_that_cannot_be_booked_divides_slots_that_touch() -> None:
    """Carol is free before ten and dave after it: no one has time from a quarter to ten on."""
    busy = {
        "carol": ["2026-11-24T15:00:00Z/2026-11-24T17:00:00Z"],
        "dave": ["2026-11-24T14:00:00Z/2026-11-24T15:00:00Z"],
    }
    sales = Group(ext_id="sales", account_ids=("carol", "dave"), required="one")
    asked = answer(
        busy, accounts=(), groups=(sales,), optional=(), availability_step=15, time_available_for="P1D"
    )
    texts = [
        f"{local(low, NEW_YORK):%H:%M}-{local(high, NEW_YORK):%H:%M}"
        for low, high in ranges(asked.slots, asked.candidates.starts)
    ]
    assert texts == ["09:00-10:00", "10:00-12:00"]


def test_most_members_come_first_then_most_slots() -> None:
    """Of equally many members, those with more slots come first, and optional accounts before that."""
    slots = [
        Slot(0, 1, ("bob",), {}),
        Slot(1, 2, ("alice",), {}, ("erin",)),
        Slot(2, 3, ("alice", "bob"), {}),
        Slot(3, 4, ("carol",), {}),
        Slot(4, 5, ("carol",), {}),
    ]
    assert [who.accounts[0] for who in by_attendance(slots)] == ["alice", "alice", "carol", "bob"]
    ranked = list(by_attendance(slots, with_optional=False))
    assert ranked[:2] == [Attendance(("alice", "bob"), ()), Attendance(("carol",), ())]


def test_a_night_is_divided_at_midnight_unless_others_are_free() -> None:
    """With the same members the range ends at midnight, and goes on from there on the next day."""
    asked = answer({}, hours="tue 22:00-02:00", accounts=("alice",), groups=(), availability_step=15)
    first, second = by_day(asked.slots, NEW_YORK)
    starts = asked.candidates.starts
    assert day_ranges(first, first.slots, starts, goes_on=True)[-1][1] == first.end
    assert day_ranges(first, first.slots, starts, goes_on=False)[-1][1] == first.end + 15 * MINUTE
    assert day_ranges(second, second.slots, starts, goes_on=False)[0][0] == first.end
