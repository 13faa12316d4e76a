"""How many of 2,000 trials go wrong with each protocol and without each safeguard, for the documentation.

`python -m support.holds.figures`, in the folder `tests`, prints it.
"""

from __future__ import annotations

from collections import Counter

import pytest
from support.holds.bookers import booking
from support.holds.mutations import MUTATIONS
from support.holds.naive import NAIVE
from support.holds.trial import Protocol, run_trial

TRIALS = 2000


def main() -> None:
    show("the numbered hold", booking)
    for name, protocol in NAIVE.items():
        show(name, protocol)
    for name, mutate in MUTATIONS.items():
        with pytest.MonkeyPatch.context() as patch:
            mutate(patch)
            show(name, booking)


def show(name: str, protocol: Protocol) -> None:
    """Print in how many trials time is booked twice, over a foreign event, or something else is wrong."""
    kinds: Counter[str] = Counter()
    for seed in range(TRIALS):
        found = " ".join(run_trial(seed, protocol).problems)
        if found:
            double = "double booking" in found or " twice in " in found
            kinds["double" if double else "foreign" if "foreign event" in found else "said"] += 1
    print(f"| {name} | {kinds['double']:,} | {kinds['foreign']:,} | {kinds['said']:,} |")


if __name__ == "__main__":
    main()
