"""Lives of series around a change of the clocks, against a model that knows only wall clocks and conflicts.

Another reader (recurring-ical-events) shows the dates of the model in every calendar after every step.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events
from support.office import snapshot
from support.team import make_team
from support.uids import own_uid

from gbook.bookings.book import book
from gbook.bookings.cancel import cancellation
from gbook.bookings.context import BookingContext
from gbook.bookings.event import Guest
from gbook.bookings.records import read_records
from gbook.bookings.request import BookingRequest
from gbook.bookings.reschedule import NewSlot, rescheduling
from gbook.bookings.revision import revise
from gbook.errors import NotFound
from gbook.profiles.store import ProfileStore
from gbook.scheduling.availability import Query, ask
from gbook.scheduling.unavailable import SlotUnavailable
from gbook.timeutil.repeats import Repeat
from gbook.workspace.workspace import open_workspace

BERLIN = ZoneInfo("Europe/Berlin")
MINUTE, HOUR, DAY = 60, 3600, 86_400
LENGTH, PAUSE = 30 * MINUTE, 15 * MINUTE
# Two weeks before the clocks change.
START = int(datetime(2027, 3, 15, 8, tzinfo=UTC).timestamp())
CALENDARS = ("alice.ics", "bob.ics", "carol")


def clock(instant: int) -> datetime:
    return datetime.fromtimestamp(instant, BERLIN)


def at(day: date, minutes: int) -> int:
    """Return the instant of minutes after midnight, on the wall clock."""
    wall = datetime(day.year, day.month, day.day) + timedelta(minutes=minutes)
    return int(wall.replace(tzinfo=BERLIN).timestamp())


def repeated(first: int, repeat: Repeat) -> list[int]:
    """Return the starts of daily and weekly dates, by the calendar."""
    wall, step = clock(first), {"daily": 1, "weekly": 7}[repeat.frequency] * repeat.interval
    days = [wall.date() + timedelta(days=step * number) for number in range(repeat.count)]
    return [at(day, wall.hour * 60 + wall.minute) for day in days]


def is_working_time(start: int) -> bool:
    wall = clock(start)
    minutes = wall.hour * 60 + wall.minute
    return wall.weekday() in (1, 2) and 9 * 60 <= minutes <= 17 * 60 - 30


class Life:
    """Draws one change after the other, and decides by the model whether it must succeed."""

    def __init__(self, team: Path, seed: int) -> None:
        self.team = team
        self.draw = random.Random(seed)
        self.workspace = open_workspace(team)
        self.profile = ProfileStore(self.workspace).load("demo")
        self.uids = map(own_uid, count())
        self.now = START
        # Of each series, the present start of each date by its original one; None if it was cancelled.
        self.series: dict[str, dict[int, int | None]] = {}
        # Where the rule of each begins.
        self.first: dict[str, int] = {}

    @property
    def context(self) -> BookingContext:
        return BookingContext(self.workspace, self.now, lambda: next(self.uids))

    def live(self, steps: int) -> None:
        changes = [self.book, self.book, self.cancel_date, self.move_date, self.move_date]
        changes += [self.move_rest, self.move_rest, self.cancel_rest, self.wait]
        for _ in range(steps):
            self.draw.choice(changes)()
            self.check()

    def attempt(self, change: Callable[[], object], *, succeeds: bool) -> bool:
        """Make a change; one that is refused writes nothing."""
        before = snapshot(self.team)
        refusal: Exception | None = None
        try:
            change()
        except (SlotUnavailable, NotFound) as error:
            refusal = error
        assert (refusal is None) == succeeds, refusal
        assert succeeds or snapshot(self.team) == before
        return succeeds

    def is_free(self, start: int, beside: Iterable[tuple[str, int]] = ()) -> bool:
        """Return whether a meeting has room, apart from the dates of series in `beside`."""
        taken = [
            other
            for uid, dates in self.series.items()
            for original, other in dates.items()
            if other is not None and (uid, original) not in set(beside)
        ]
        clear = all(abs(other - start) >= LENGTH + PAUSE for other in taken)
        return clear and is_working_time(start)

    def slot(self) -> int:
        day = clock(self.now).date() + timedelta(days=self.draw.randrange(1, 16))
        day += timedelta(days=(1 - day.weekday()) % 7 + self.draw.randrange(2))
        return at(day, 9 * 60 + 15 * self.draw.randrange(8))

    def book(self) -> None:
        repeat = Repeat(
            self.draw.choice(["weekly", "weekly", "daily"]), self.draw.randint(2, 5), self.draw.randint(1, 2)
        )
        first, skips = self.slot(), self.draw.random() < 0.5
        starts = repeated(first, repeat)
        free = [start for start in starts if self.is_free(start)]
        request = BookingRequest(
            profile=self.profile,
            start=first,
            required="all",
            guest=Guest("Gwen", "gwen@example.org"),
            fields={"topic": "Looms"},
            repeat=repeat,
            skip_busy=skips,
        )
        booked: list[str] = []
        succeeds = first in free and (skips or free == starts)
        if self.attempt(lambda: booked.append(book(self.context, request).uid), succeeds=succeeds):
            self.series[booked[0]] = {start: start for start in free}
            self.first[booked[0]] = first

    def any_date(self) -> tuple[str, int] | None:
        coming = [
            (uid, original)
            for uid, dates in self.series.items()
            for original, start in dates.items()
            if start is not None and start + LENGTH > self.now
        ]
        return self.draw.choice(coming) if coming else None

    def rest(self, uid: str) -> list[int]:
        """Return the original starts of the dates of a series that are to come."""
        dates = self.series[uid]
        return [each for each, start in dates.items() if start is not None and start + LENGTH > self.now]

    def cancel_date(self) -> None:
        if (chosen := self.any_date()) is None:
            return
        uid, original = chosen
        remove = self.draw.random() < 0.5
        plan = cancellation(self.context, uid, "why not", remove=remove, recurrence=original)
        self.attempt(lambda: revise(self.context, plan), succeeds=True)
        if remove:
            del self.series[uid][original]
        else:
            self.series[uid][original] = None
        self.series = {uid: dates for uid, dates in self.series.items() if dates}

    def move_date(self) -> None:
        if (chosen := self.any_date()) is None:
            return
        uid, original = chosen
        start = self.slot()
        plan = rescheduling(self.context, uid, NewSlot(start, recurrence=original))
        succeeds = self.is_free(start, [chosen]) or start == self.series[uid][original]
        if self.attempt(lambda: revise(self.context, plan), succeeds=succeeds):
            self.series[uid][original] = start

    def move_rest(self) -> None:
        if (chosen := self.any_date()) is None:
            return
        uid = chosen[0]
        rest, start = self.rest(uid), self.slot()
        shift = clock(start).replace(tzinfo=None) - clock(rest[0]).replace(tzinfo=None)
        moved = [self.shifted(original, shift) for original in rest]
        own = [(uid, original) for original in self.series[uid]]
        free = all(self.is_free(each, own) for each in moved)
        same = moved == [self.series[uid][original] for original in rest]
        plan = rescheduling(self.context, uid, NewSlot(start))
        if self.attempt(lambda: revise(self.context, plan), succeeds=free or same):
            untouched = len(self.series[uid]) == len(rest) and self.is_regular(uid)
            self.series[uid] |= dict(zip(rest, moved, strict=True))
            if untouched:
                self.first[uid] = start
                self.series[uid] = {start: start for start in moved}

    def is_regular(self, uid: str) -> bool:
        dates = self.series[uid]
        return min(dates) == self.first[uid] and all(original == start for original, start in dates.items())

    @staticmethod
    def shifted(original: int, shift: timedelta) -> int:
        wall = clock(original).replace(tzinfo=None) + shift
        return int(wall.replace(tzinfo=BERLIN).timestamp())

    def cancel_rest(self) -> None:
        if self.draw.random() < 0.6 or (chosen := self.any_date()) is None:
            return
        uid = chosen[0]
        self.attempt(lambda: revise(self.context, cancellation(self.context, uid)), succeeds=True)
        self.series[uid] |= dict.fromkeys(self.rest(uid))

    def wait(self) -> None:
        self.now += self.draw.randrange(3 * DAY)

    def check(self) -> None:
        """gbook and the other reader show the dates of the model, and the free time is what is left."""
        records, warnings = read_records(self.workspace)
        assert warnings == []
        assert {record.uid for record in records} == self.series.keys()
        for record in records:
            expected = sorted(start for start in self.series[record.uid].values() if start is not None)
            if expected:
                assert sorted(start for start, _ in record.times) == expected
            else:
                assert record.status == "cancelled"
            for name in CALENDARS:
                assert shown(self.team / name, record.uid) == expected, name
        self.check_free_time()

    def check_free_time(self) -> None:
        low = at(clock(self.now).date() + timedelta(days=1), 0)
        query = Query(profile=self.profile, now=self.now, required="all", low=low, high=low + 21 * DAY)
        listed = {slot.start for slot in ask(self.workspace, query).slots}
        grid = range(low, low + 21 * DAY - LENGTH + 1, 15 * MINUTE)
        assert listed == {start for start in grid if self.is_free(start)}


def shown(calendar: Path, uid: str) -> list[int]:
    """Return the starts of an event as another program shows them."""
    files = sorted(calendar.glob("*.ics")) if calendar.is_dir() else [calendar]
    window = datetime(2027, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
    found = []
    for file in files:
        content: Any = icalendar.Calendar.from_ical(file.read_bytes())
        found += [
            int(each["DTSTART"].dt.timestamp())
            for each in recurring_ical_events.of(content).between(*window)
            if each["UID"] == uid and each.get("STATUS") != "CANCELLED"
        ]
    return sorted(found)


@pytest.mark.parametrize(
    ("seed", "steps"), [(0, 8), *(pytest.param(seed, 30, marks=pytest.mark.slow) for seed in range(1, 8))]
)
def test_any_life_of_series(tmp_path: Path, seed: int, steps: int) -> None:
    """Each change succeeds if and only if the model says so."""
    team = make_team(tmp_path / "team")
    path = team / "profiles/demo.yaml"
    path.write_text(path.read_text().replace("timezone: UTC", "timezone: Europe/Berlin"))
    Life(team, seed).live(steps)
