"""The VEVENTs of one account: single events, ended and running series, and their exceptions.

All wall-clock times are between 07:00 and 20:00, and no series is in UTC, so that every program that follows
RFC 5545 reports the same busy time. Cases in which programs differ (the hours in which clocks change, UTC
series under X-WR-TIMEZONE) belong to the tests, not to a race.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

import wording
from icaltext import ALL_DAY, FLOATING, ZONES, stamp

__all__ = ["Diary", "Person", "Plan"]

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_LENGTHS = (15, 25, 30, 30, 30, 45, 50, 60, 60, 60, 90, 120)
# Rule, days between instances on average, days between instances that can be excepted (0: none).
_RULES = (
    *[("FREQ=WEEKLY;BYDAY={day}", 7, 7)] * 12,
    *[("FREQ=WEEKLY;BYDAY=TU,TH", 3.5, 7)] * 2,
    *[("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", 1.4, 7)] * 2,
    ("FREQ=DAILY", 1, 1),
    *[("FREQ=WEEKLY;INTERVAL=2;BYDAY={day}", 14, 14)] * 2,
    ("FREQ=MONTHLY;BYDAY={nth}{day}", 30.4, 0),
    ("FREQ=MONTHLY;BYMONTHDAY={date}", 30.4, 0),
    ("FREQ=YEARLY", 365, 0),
)


@dataclass(frozen=True)
class Plan:
    """The number of VEVENTs, the years around `now` (70 % of them before it), and the share of series."""

    events: int
    years: float
    now: datetime
    series_share: float = 0.06
    override_share: float = 0.02
    live_series: int = 18


@dataclass(frozen=True)
class Person:
    """The owner of a calendar."""

    id: str
    name: str
    email: str
    zone: str


@dataclass
class Series:
    """The parts of a recurring event that its exceptions need."""

    uid: str
    zone: str
    start: datetime
    length: timedelta
    step: timedelta
    last: datetime
    excepted: set[int]

    def instance(self, rng: random.Random, near: datetime) -> datetime | None:
        """Return the start of an instance without an exception; half are within two months of `near`."""
        count = (self.last - self.start) // self.step if self.step else 0
        if count < 3:
            return None
        number = rng.randrange(1, count)
        if rng.random() < 0.5:
            number = (near - self.start) // self.step + rng.randrange(-60, 60) * _DAY // self.step
        if not 0 < number < count or number in self.excepted:
            return None
        self.excepted.add(number)
        return self.start + number * self.step


class Diary:
    """Generator of one person's events. The same state of `rng` gives the same events."""

    def __init__(self, person: Person, plan: Plan, rng: random.Random) -> None:
        self.person, self.plan, self.rng = person, plan, rng
        self.first = plan.now - 0.7 * plan.years * 365.25 * _DAY
        self.drawn = 0

    def items(self) -> list[list[str]]:
        """Return VEVENT components by UID, a series together with its overrides. Lines end in a newline."""
        recurring = round(self.plan.events * self.plan.series_share)
        overrides = round(self.plan.events * self.plan.override_share) if recurring else 0
        live = min(self.plan.live_series, recurring)
        drawn = [self._series(live=number < live) for number in range(recurring)]
        for _ in range(overrides):
            self._add_override(drawn)
        singles = self.plan.events - recurring - overrides
        return [texts for _, texts in drawn] + [[self._single()] for _ in range(singles)]

    def _single(self) -> str:
        rng, draw = self.rng, self.rng.random()
        zone = self._zone()
        if draw < 0.06:
            zone = ALL_DAY
        elif draw < 0.18:
            zone = ""
        start = self._workday(self.first + rng.random() * self.plan.years * 365.25 * _DAY)
        length = (rng.choice((1, 1, 1, 2, 5)) * _DAY) if zone == ALL_DAY else self._length()
        return self._event(self._uid(), self._when(start, length, zone), zone)

    def _series(self, *, live: bool) -> tuple[Series, list[str]]:
        rule, mean, step = self.rng.choice(_RULES)
        zone = ALL_DAY if rule == "FREQ=YEARLY" else self._zone()
        start, last = self._life(live)
        start = self._first_instance(start, rule)
        series = Series(self._uid(), zone, start, self._length(), step * _DAY, last, set())
        if zone == ALL_DAY:
            series.length = _DAY
        date = {"day": _DAYS[start.weekday()], "nth": (start.day + 6) // 7, "date": start.day}
        lines = self._when(start, series.length, zone)
        lines.append(f"RRULE:{rule.format_map(date)}{self._bound(series, mean, live)}")
        if self.rng.random() < 0.35:
            lines += self._exdates(series)
        return series, [self._event(series.uid, lines, zone)]

    def _life(self, live: bool) -> tuple[datetime, datetime]:
        rng, now = self.rng, self.plan.now
        if live:
            past = rng.random() * (now - self.first) * 1.3
            return now - past, now + rng.uniform(45, 400) * _DAY
        last = self.first + rng.random() * (now - 20 * _DAY - self.first)
        return last - rng.uniform(30, 400) * _DAY, last

    def _first_instance(self, start: datetime, rule: str) -> datetime:
        """Return the first day from `start` that matches the rule: DTSTART is an instance (§3.8.5.3)."""
        start = self._workday(start)
        weekday = {"TU,TH": 1, "MO,TU,WE,TH,FR": 0}.get(rule.rpartition("=")[2])
        if weekday is not None:
            start += (weekday - start.weekday()) % 7 * _DAY
        return start.replace(day=start.day % 28 + 1) if rule.startswith("FREQ=MONTHLY;BYM") else start

    def _bound(self, series: Series, mean: float, live: bool) -> str:
        draw = self.rng.random()
        if live and draw < 0.5:
            return ""
        if draw < 0.75:
            if series.zone == ALL_DAY:
                return f";UNTIL={series.last:%Y%m%d}"
            return f";UNTIL={series.last:%Y%m%d}T225959" + ("" if series.zone == FLOATING else "Z")
        return f";COUNT={max(2, int((series.last - series.start) / _DAY / mean))}"

    def _exdates(self, series: Series) -> list[str]:
        starts = [series.instance(self.rng, self.plan.now) for _ in range(self.rng.randrange(1, 4))]
        return [f"EXDATE{stamp(start, series.zone)}" for start in starts if start]

    def _add_override(self, drawn: list[tuple[Series, list[str]]]) -> None:
        start = None
        while start is None:
            series, texts = self.rng.choice(drawn)
            start = series.instance(self.rng, self.plan.now)
        moved = start + self.rng.choice((-1, 0, 0, 1)) * _DAY
        moved = moved.replace(hour=self.rng.randrange(8, 18))
        lines = [f"RECURRENCE-ID{stamp(start, series.zone)}", *self._when(moved, series.length, series.zone)]
        texts.append(self._event(series.uid, lines, series.zone))

    def _zone(self) -> str:
        draw = self.rng.random()
        if draw < 0.8:
            return self.person.zone
        return FLOATING if draw < 0.84 else self.rng.choice(list(ZONES))

    def _workday(self, moment: datetime) -> datetime:
        rng = self.rng
        if moment.weekday() > 4 and rng.random() < 0.85:
            moment -= 2 * _DAY
        return moment.replace(hour=rng.randrange(7, 18), minute=rng.choice((0, 0, 15, 30, 30, 45)), second=0)

    def _length(self) -> timedelta:
        return self.rng.choice(_LENGTHS) * _MINUTE

    def _uid(self) -> str:
        self.drawn += 1
        return f"{self.rng.getrandbits(96):024x}-{self.person.id}-{self.drawn}@example.com"

    def _when(self, start: datetime, length: timedelta, zone: str) -> list[str]:
        if zone != ALL_DAY and self.rng.random() < 0.05:
            return [f"DTSTART{stamp(start, zone)}", f"DURATION:PT{length // _MINUTE}M"]
        return [f"DTSTART{stamp(start, zone)}", f"DTEND{stamp(start + length, zone)}"]

    def _event(self, uid: str, when: list[str], zone: str) -> str:
        rng = self.rng
        created = self.first + rng.random() * (self.plan.now - self.first)
        lines = ["BEGIN:VEVENT", f"UID:{uid}", f"DTSTAMP{stamp(created)}", *when]
        lines += [f"CREATED{stamp(created)}", f"LAST-MODIFIED{stamp(created + _DAY)}"]
        lines.append(f"SUMMARY:{wording.subject(rng)}")
        if rng.random() < 0.2:
            lines.append(wording.description(rng))
        if rng.random() < 0.4:
            lines.append(f"LOCATION:{wording.room(rng)}")
        lines += self._people() + self._state(zone)
        return "\n".join(lines) + "\nEND:VEVENT\n"

    def _people(self) -> list[str]:
        rng, me = self.rng, self.person
        if rng.random() < 0.63:
            return []
        others = [rng.choice(wording.COLLEAGUES) for _ in range(min(rng.randrange(8), rng.randrange(8)))]
        partstat = rng.choices(("ACCEPTED", "NEEDS-ACTION", "TENTATIVE", "DECLINED"), (80, 8, 6, 6))[0]
        host = others[0] if others else (me.name, me.email)
        lines = [wording.organizer(*host), wording.attendee(me.name, me.email, partstat)]
        return lines + [
            wording.attendee(*other, rng.choice(("ACCEPTED", "NEEDS-ACTION"))) for other in others
        ]

    def _state(self, zone: str) -> list[str]:
        rng = self.rng
        lines = [f"SEQUENCE:{rng.choice((0, 0, 0, 1, 2))}"]
        status = rng.choices(("CONFIRMED", "", "TENTATIVE", "CANCELLED"), (70, 22, 5, 3))[0]
        if status:
            lines.append(f"STATUS:{status}")
        if rng.random() < (0.5 if zone == ALL_DAY else 0.05):
            lines.append("TRANSP:TRANSPARENT")
        elif rng.random() < 0.4:
            lines.append("TRANSP:OPAQUE")
        if rng.random() < 0.2:
            lines.append("X-MOZ-GENERATION:2")
        if rng.random() < 0.3:
            alarm = ["BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:Reminder", "TRIGGER:-PT10M", "END:VALARM"]
            lines += alarm
        return lines
