"""What the address of the times says about them: the weeks, the day, and the times that are picked."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import date, timedelta
from typing import NamedTuple

from gbook.service.page.views.days import DAYS, week_of
from gbook.service.page.web.starts import read_slots, stamps
from gbook.service.page.web.visit import Visit

__all__ = ["Choice"]

# No day is further away from today.
FARTHEST = timedelta(days=3 * 366)


class Choice(NamedTuple):
    """The days `[first, first + DAYS)` are shown, `day` is open, and `picked` are starts (instants).

    `start` is the first day of this week: no earlier one is shown.
    """

    start: date
    first: date
    day: date | None
    picked: Sequence[int]

    @classmethod
    def of(cls, visit: Visit, today: date) -> Choice:
        """Return the choice of an address; what it cannot mean is left out.

        Without `from`, the weeks are those of today, or of the day if that is later.
        """
        begins = visit.locale.first_week_day
        start, day = week_of(today, begins), _day(visit.query.get("day"), today)
        wanted = _day(visit.query.get("from"), today)
        if wanted is None and day and day >= start + timedelta(days=DAYS):
            wanted = day
        first = max(start, week_of(wanted or today, begins))
        inside = day if day and first <= day < first + timedelta(days=DAYS) else None
        return cls(start, first, inside, read_slots(visit.query.get("picked", "")))

    @property
    def end(self) -> date:
        """The first day after these weeks."""
        return self.first + timedelta(days=DAYS)

    @property
    def earlier(self) -> date | None:
        """The first day of the weeks before, if there are any."""
        return max(self.start, self.first - timedelta(days=DAYS)) if self.first > self.start else None

    @property
    def is_first(self) -> bool:
        """Whether these are the weeks from today on."""
        return self.first == self.start

    def with_picked(self, start: int) -> str | None:
        """Return the picked times with one more, or without one of them, as an address has them."""
        others = [each for each in self.picked if each != start]
        picked = others if len(others) < len(self.picked) else sorted([*others, start])
        return stamps(picked) or None

    @property
    def kept(self) -> dict[str, str | None]:
        """What links to other days keep."""
        return {
            "from_": None if self.is_first else str(self.first),
            "picked": stamps(self.picked) or None,
        }

    @property
    def here(self) -> dict[str, str | None]:
        """What a link to the same days and times keeps."""
        return {**self.kept, "day": str(self.day) if self.day else None}


def _day(text: str | None, today: date) -> date | None:
    with suppress(ValueError):
        day = date.fromisoformat(text or "")
        return day if abs(day - today) <= FARTHEST else None
    return None
