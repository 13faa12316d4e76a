"""Series: the engine finds the starts that a brute-force search finds, across every change of the clocks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from support.examples import scaled
from support.oracle import Meeting, World
from support.oracle_caps import Booked, may_book
from support.oracle_series import all_starts, series_slots
from support.uids import own_uid
from test_oracle import CHECKS, asked, calendar, from_memory, marks, meetings, own_booking, workspace, worlds
from test_oracle_caps import World as CappedWorld
from test_oracle_caps import workspace as capped_workspace
from test_oracle_caps import worlds as capped_worlds

from gbook.bookings.book import draft_for
from gbook.bookings.context import BookingContext
from gbook.bookings.request import BookingRequest
from gbook.scheduling import availability as gbook_query
from gbook.scheduling.availability import Answer, Query, ask
from gbook.scheduling.explain import explain
from gbook.scheduling.masks import find_candidates
from gbook.scheduling.unavailable import SlotUnavailable
from gbook.timeutil.instants import DAY, local
from gbook.timeutil.repeats import Frequency, Repeat
from gbook.workspace.workspace import Workspace

Draw = Callable[[st.SearchStrategy[Any]], Any]


@st.composite
def repeats(draw: Draw) -> Repeat:
    """Draw a repeat of some dates, sometimes without one of them."""
    frequency = draw(st.sampled_from(get_args(Frequency)))
    count = draw(st.integers(2, 3 if frequency == "monthly" else 5))
    interval = 1 if frequency == "monthly" else draw(st.sampled_from([1, 1, 1, 2]))
    skipped = draw(st.sampled_from([(), (), (1,), (count - 1,)]))
    return Repeat(frequency, count, interval, skipped)


@st.composite
def series_worlds(draw: Draw) -> tuple[World, Repeat]:
    """Draw a world in which a date of the series may be near a change of the clocks."""
    world, repeat = draw(worlds()), draw(repeats())
    days = {"daily": 1, "weekly": 7, "monthly": 31}[repeat.frequency] * repeat.interval
    back = draw(st.integers(0, repeat.count - 1)) * days * 86_400
    profile = world.profile
    if draw(st.sampled_from([False, False, True])):
        end = world.now + draw(st.integers(0, repeat.count * days)) * 86_400
        profile = structs.replace(profile, end_time=datetime.fromtimestamp(end, UTC).isoformat())
    if draw(st.booleans()):
        # Of many members rarely all are free on all dates.
        profile = structs.replace(profile, duration_minutes=min(profile.duration_minutes, 60))
    shifted = {name: value - back for name in ("low", "high") if (value := getattr(world, name)) is not None}
    return replace(world, profile=profile, now=world.now - back, **shifted), repeat


def answer(world: World, repeat: Repeat, root: Path, *, skip_busy: bool) -> Answer:
    query = structs.replace(asked(world), repeat=repeat, skip_busy=skip_busy)
    return ask(workspace(world, root), query)


def assert_as_brute_force(world: World, repeat: Repeat, root: Path) -> None:
    """Assert that the slots are the same, and who is free for each date of each start."""
    starts = all_starts(world, repeat)
    for skip_busy in (False, True):
        found = answer(world, repeat, root, skip_busy=skip_busy)
        slots = [(slot.start, slot.end, slot.accounts, dict(slot.groups)) for slot in found.slots]
        assert slots == series_slots(world, repeat, starts, skip_busy=skip_busy)
    asked_for = frozenset(found.times)
    expected = [(one.start, tuple(who & asked_for for who in one.free)) for one in starts]
    assert judged(found) == expected


def judged(found: Answer) -> list[tuple[int, tuple[frozenset[str], ...]]]:
    return [
        (
            start,
            tuple(
                frozenset(name for name, mask in date.items() if mask >> position & 1)
                for date in found.by_date
            ),
        )
        for position, start in enumerate(found.candidates.starts)
    ]


@settings(max_examples=scaled(100), deadline=None, suppress_health_check=CHECKS)
@given(series_worlds())
def test_the_engine_finds_what_brute_force_finds(drawn: tuple[World, Repeat]) -> None:
    """The same starts, with the same accounts on all dates; and the same accounts for each date."""
    world, repeat = drawn
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gbook_query, "load_accounts", from_memory(world))
        assert_as_brute_force(world, repeat, Path())


@st.composite
def capped_series(draw: Draw) -> tuple[CappedWorld, Repeat, str | None]:
    """Draw accounts and a guest with caps, and a series that counts for them itself."""
    world = draw(capped_worlds())
    frequency = draw(st.sampled_from(["daily", "daily", "weekly"]))
    count = draw(st.integers(2, 8 if frequency == "daily" else 4))
    skipped = draw(st.sampled_from([(), (), (1,)]))
    return world, Repeat(frequency, count, 1, skipped), draw(st.sampled_from(["pat@example.com", None]))


@settings(max_examples=scaled(60), deadline=None, suppress_health_check=CHECKS)
@given(capped_series(), st.integers(0, 5))
def test_the_dates_of_a_series_keep_the_caps_together(
    tmp_path: Path, drawn: tuple[CappedWorld, Repeat, str | None], week: int
) -> None:
    """Each date that an account takes counts for those after it."""
    world, repeat, guest = drawn
    profile, zone = structs.replace(world[0], time_available_for="P3D"), world[1]
    now = max(one.start for one in world[3]) if world[3] else 1_790_000_000
    now -= week * 5 * DAY
    place = capped_workspace(world, tmp_path)
    query = Query(profile=profile, now=now, guest=guest, repeat=repeat, skip_busy=True)
    answer = ask(place, query)
    offered = set(find_candidates(profile, answer.zone, (now, now + 40 * DAY)).starts)
    for start, free in judged(answer):
        dates = repeat.starts(start, answer.zone)
        if dates[0] != start:
            continue
        for name in profile.accounts:
            mine = list(world[3])
            for position, date in enumerate(dates):
                if position in repeat.skipped:
                    continue
                is_busy = any(
                    one.start < date + 3600
                    and one.end > date
                    and one.state in ("confirmed", "reserved")
                    and name in one.accounts
                    for one in mine
                )
                able = (
                    date in offered
                    and not is_busy
                    and may_book(name, date, guest, (profile, zone, world[2], mine))
                )
                assert (name in free[position]) == able
                if able:
                    mine.append(Booked(date, date + 3600, "p", (name,), (name,), guest or ""))


@st.composite
def booked_series(draw: Draw, around: int) -> tuple[Meeting, ...]:
    """Draw a booking on some dates, each at a time of its own."""
    first = draw(meetings(around))
    shifts = draw(st.lists(st.integers(1, 40 * 24), max_size=4, unique=True))
    hours = sorted({0, *shifts})
    return tuple(replace(first, start=first.start + 3600 * n, end=first.end + 3600 * n) for n in hours)


def series_event(dates: Sequence[Meeting]) -> str:
    """Return a series whose dates are all moved; one more was left out, and another cancelled."""
    uid = f"UID:{own_uid('series')}"
    first = dates[0]
    own = marks(own_booking("", first))
    rule = f"RRULE:FREQ=DAILY;COUNT={len(dates) + 2}"
    by_rule = [utc(first.start + number * DAY) for number in range(len(dates) + 2)]
    parts = [
        [uid, *own, *times(first.start, first.end), rule, f"EXDATE:{by_rule[-2]}"],
        [uid, *own, *times(first.start, first.end), f"RECURRENCE-ID:{by_rule[-1]}", "STATUS:CANCELLED"],
        *(
            [uid, *times(one.start, one.end), f"RECURRENCE-ID:{named}"]
            for named, one in zip(by_rule[1:], dates[1:], strict=False)
        ),
    ]
    return "\r\n".join(line for part in parts for line in ("BEGIN:VEVENT", *part, "END:VEVENT"))


def times(start: int, end: int) -> list[str]:
    return [f"DTSTART:{utc(start)}", f"DTEND:{utc(end)}"]


def utc(instant: int) -> str:
    return f"{local(instant, UTC):%Y%m%dT%H%M%SZ}"


@settings(max_examples=scaled(30), deadline=None, suppress_health_check=CHECKS)
@given(series_worlds(), st.data())
def test_calendar_files_give_the_starts_of_brute_force(
    tmp_path: Path, drawn: tuple[World, Repeat], data: Any
) -> None:
    """With a series of gbook's own in them. `why` and `book` agree about any time."""
    world, repeat = drawn
    dates = data.draw(booked_series(world.now + DAY))
    for name in world.people:
        own = series_event(dates) if name in dates[0].written else ""
        text = calendar(name, world).replace("END:VCALENDAR", f"{own}\r\nEND:VCALENDAR".lstrip())
        (tmp_path / f"{name}.ics").write_text(text, newline="")
    world = replace(world, meetings=(*world.meetings, *dates), low=None, high=None)
    assert_as_brute_force(world, repeat, tmp_path)
    skip_busy = data.draw(st.booleans())
    found = answer(world, repeat, tmp_path, skip_busy=skip_busy)
    listed = {slot.start for slot in found.slots}
    place = workspace(world, tmp_path)
    some = [*found.candidates.starts[:3], *sorted(listed)[:2], world.now + 3600]
    for start in some:
        assert explain(place, found.query, start, found.zone).available == (start in listed)
        request = BookingRequest(
            profile=world.profile,
            start=start,
            required=world.required,
            accounts=world.accounts,
            groups=world.groups,
            repeat=repeat,
            skip_busy=skip_busy,
        )
        assert can_book(place, world, request) == (start in listed)


def can_book(place: Workspace, world: World, request: BookingRequest) -> bool:
    try:
        draft = draft_for(BookingContext(place, world.now), request, own_uid(0))
    except SlotUnavailable:
        return False
    assert draft.repeat is not None
    # What is to be booked can be booked: the same dates, without those that are left out.
    again = replace(request, repeat=draft.repeat, skip_busy=False)
    chosen = draft_for(BookingContext(place, world.now), again, own_uid(0))
    assert chosen.repeat == draft.repeat
    return True
