"""Series: the masks of each date of a meeting that repeats.

    starts of the first date ─► starts of every date ─► masks of each date ─► starts free on all dates

Every mask is over the candidates of the first date: bit i of date k says "if the series begins at candidate
i, the account can take date k". So the same accounts are asked for on all dates.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, tzinfo
from functools import reduce
from operator import and_, itemgetter

from gbook.engine.candidates import Candidates, bits
from gbook.scheduling.caps import Tally
from gbook.timeutil.repeats import Repeat

__all__ = ["DateCaps", "SeriesCandidates"]


class SeriesCandidates:
    """The dates of a series for each candidate of its first date.

    `starts[k][i]` is the start of date k, an instant, if the series begins at candidate i of `first`. `zone`
    is that of the profile. Raises UsageError for dates so late that Python has none.
    """

    def __init__(self, repeat: Repeat, first: Candidates, zone: tzinfo) -> None:
        self.repeat = repeat
        self.first = first
        dates = repeat.all_starts(first.starts, zone)
        self.starts: list[Sequence[int]] = [*zip(*dates, strict=True)] or [()] * repeat.count

    @property
    def high(self) -> int:
        """The end of the last date of all, an instant; 0 without candidates."""
        return max(map(max, self.starts)) + self.first.meeting.duration if self.first else 0

    def each(self) -> Candidates:
        """Return every start of every date as a candidate."""
        return Candidates(sorted(set().union(*self.starts)), self.first.meeting)

    def by_date(
        self, offered: Candidates, free: Mapping[str, int], capped: Mapping[str, DateCaps]
    ) -> list[dict[str, int]]:
        """Return the masks of each date, by account.

        `free` are masks over `offered`, the slots of the profile in the time of the series. A date that is
        none of these slots, or is skipped, is free for no account. The earlier dates that an account takes
        count like bookings: it cannot take a date too close to one, nor more than its caps allow.
        """
        positions: dict[int | None, int] = {start: place for place, start in enumerate(offered.starts)}
        masks: list[dict[str, int]] = []
        for number in range(self.repeat.count):
            if number in self.repeat.skipped:
                masks.append(dict.fromkeys(free, 0))
                continue
            places = [positions.get(start, len(offered)) for start in self._placed(number)]
            taken = {name: _picked(mask, places, len(offered)) for name, mask in free.items()}
            for earlier, close in self._too_close(number):
                taken = {name: mask & ~(close & masks[earlier][name]) for name, mask in taken.items()}
            for name, caps in capped.items():
                taken[name] = caps.allowed(taken[name], self.starts[number])
            masks.append(taken)
        return masks

    def on_all_dates(self, by_date: Sequence[Mapping[str, int]]) -> dict[str, int]:
        """Return the mask of each account for all dates that take place."""
        kept = [by_date[number] for number in self.repeat.kept]
        return {name: reduce(and_, (date[name] for date in kept)) for name in by_date[0]}

    def _placed(self, number: int) -> Iterable[int | None]:
        """Yield the starts of a date.

        The second of two equal wall clocks cannot be the first date: its series would begin at the first one.
        """
        if number:
            return self.starts[number]
        pairs = zip(self.first.starts, self.starts[0], strict=True)
        return (start if start == asked else None for asked, start in pairs)

    def _too_close(self, number: int) -> Iterator[tuple[int, int]]:
        """Yield the earlier dates that may leave too little time before date `number`, with their masks."""
        meeting = self.first.meeting
        reach = meeting.duration + max(meeting.before, meeting.after)
        for earlier in range(number - 1, -1, -1):
            if earlier in self.repeat.skipped:
                continue
            pairs = zip(self.starts[earlier], self.starts[number], strict=True)
            close = _mask(abs(late - early) < reach for early, late in pairs)
            if not close:
                return
            yield earlier, close


class DateCaps:
    """The caps of one account, and the dates of the series that it takes, for each candidate."""

    def __init__(self, tallies: Sequence[Tally]) -> None:
        self._tallies = tallies
        # By the number of the tally, the candidate, and the first date of the period.
        self._taken: Counter[tuple[int, int, date]] = Counter()

    def allowed(self, mask: int, starts: Sequence[int]) -> int:
        """Return the candidates of a mask with which one more date is within the caps, and count it."""
        for place in bits(mask):
            periods = self._periods(place, starts[place])
            if any(count >= self._tallies[key[0]].cap.maximum for key, count in periods.items()):
                mask &= ~(1 << place)
            else:
                self._taken.update(periods.keys())
        return mask

    def _periods(self, place: int, start: int) -> dict[tuple[int, int, date], int]:
        """Return the periods of a date, each with the number of its bookings and earlier dates."""
        found = {}
        for number, tally in enumerate(self._tallies):
            first = tally.first_day(start)
            key = number, place, first
            found[key] = len(tally.counted.get(first, ())) + self._taken[key]
        return found


def _picked(mask: int, places: Sequence[int], size: int) -> int:
    """Return the mask whose bit i is bit `places[i]` of a mask of `size` bits; bit `size` is never set."""
    if not mask or not places:
        return 0
    digits = f"0{mask:0{size}b}"[::-1]
    return int("".join(itemgetter(*places)(digits))[::-1], 2)


def _mask(digits: Iterable[bool]) -> int:
    """Return the mask of bits, the lowest first."""
    text = "".join("1" if digit else "0" for digit in digits)
    return int(text[::-1], 2) if text else 0
