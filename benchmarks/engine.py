"""Measurement of the engine alone, in one process: 10,000 accounts with 30 busy intervals each in 30 days.

python benchmarks/engine.py [ACCOUNTS] prints a JSON object: the number of candidate slots, and for each query
the seconds of the best of five turns.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable
from functools import partial

from gbook.engine.candidates import Candidates, Meeting, SlotWindow, candidate_starts
from gbook.engine.intervals import Intervals
from gbook.engine.quorum import Member, Required, find_slots

__all__ = ["Diaries"]

QUARTER, DAY = 900, 86_400
START = 1_795_392_000  # a Monday, 00:00 UTC
DAYS = 30


class Diaries:
    """Accounts with busy time, and the profile of the query."""

    def __init__(self, accounts: int, intervals: int) -> None:
        rng = random.Random("engine")
        self.busy = {f"a{number}": self._draw(rng, intervals) for number in range(accounts)}
        self.members = [Member((account,)) for account in self.busy]

    @staticmethod
    def _draw(rng: random.Random, intervals: int) -> Intervals:
        starts = (
            START + rng.randrange(DAYS) * DAY + rng.randrange(32, 72) * QUARTER for _ in range(intervals)
        )
        return Intervals((start, start + rng.randrange(2, 7) * QUARTER) for start in starts)

    def candidates(self) -> Candidates:
        """Return half-hour slots every 15 minutes, weekdays 09:00 to 17:00, with buffers of 10 minutes."""
        days = [START + day * DAY for day in range(DAYS) if day % 7 < 5]
        hours = [SlotWindow(day + 9 * 3600, day + 17 * 3600, day + 9 * 3600) for day in days]
        meeting = Meeting(duration=1800, before=600, after=600)
        return Candidates(candidate_starts(hours, QUARTER, 1800, (START, START + DAYS * DAY)), meeting)

    def slots(self, required: Required) -> int:
        """Return the number of slots, computed from the schedule."""
        candidates, nothing = self.candidates(), Intervals()
        free = {account: candidates.free(busy, nothing) for account, busy in self.busy.items()}
        return len(find_slots(candidates, self.members, free, required))


def best(action: Callable[[], object], turns: int = 5) -> float:
    """Return the seconds of the fastest of several turns."""
    seconds = []
    for _ in range(turns):
        begin = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - begin)
    return min(seconds)


def main() -> None:
    """Measure queries that require one, all, and half of the accounts."""
    accounts = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    diaries = Diaries(accounts, 30)
    questions: dict[str, Required] = {"one": "one", "all": "all", "half": accounts // 2}
    seconds = {name: best(partial(diaries.slots, asked)) for name, asked in questions.items()}
    print(json.dumps({"accounts": accounts, "candidates": len(diaries.candidates()), "seconds": seconds}))


if __name__ == "__main__":
    main()
