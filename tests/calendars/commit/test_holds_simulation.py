"""The numbered hold in simulated trials: several programs, bad networks, kills, clocks that are wrong.

A failure names its seed; `run_trial(seed)` repeats it. `python -m support.holds.figures` prints the figures
of the documentation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest
from support.holds.bookers import booking
from support.holds.mutations import MUTATIONS, RARE
from support.holds.naive import NAIVE
from support.holds.trial import Protocol, run_trial
from support.holds.world import Faults


def problems(seeds: Iterable[int], protocol: Protocol = booking, faults: Faults | None = None) -> list[str]:
    """Return the problems of the first trial that has any."""
    for seed in seeds:
        if found := run_trial(seed, protocol, faults=faults).problems:
            return [f"seed {seed}: {problem}" for problem in found]
    return []


def test_no_trial_breaks_an_invariant() -> None:
    """At most one booking over any instant; what a program says is true, and stays true."""
    assert problems(range(400)) == []


@pytest.mark.slow
@pytest.mark.parametrize("part", range(8))
def test_ten_thousand_trials_break_no_invariant(part: int) -> None:
    """The same in 10,000 trials."""
    assert problems(range(part, 10_000, 8)) == []


@pytest.mark.slow
def test_trials_reach_every_outcome() -> None:
    """The trials are not all easy: everything that a program can say is said in some of them."""
    said = Counter(booker.program.told for seed in range(1000) for booker in run_trial(seed).bookers)
    assert {"booked", "known", "taken", "refused", "refused, left", "unknown", "cancelled", None} <= {*said}


def test_a_seed_is_a_trial() -> None:
    """The same seed gives the same trial."""
    first, second = run_trial(5), run_trial(5)
    assert [booker.program.told for booker in first.bookers] == [
        booker.program.told for booker in second.bookers
    ]
    assert (first.world.time, first.world.requests) == (second.world.time, second.world.requests)


@pytest.mark.parametrize("name", NAIVE)
def test_other_protocols_book_twice(name: str) -> None:
    """The test of the test: the simulator finds what is wrong with protocols that look sound."""
    assert problems(range(200), NAIVE[name]) != []


@pytest.mark.parametrize("name", MUTATIONS)
def test_each_safeguard_is_needed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it, some trial breaks an invariant."""
    MUTATIONS[name](monkeypatch)
    assert problems(range(600)) != []


@pytest.mark.slow
@pytest.mark.parametrize("name", RARE)
def test_each_safeguard_against_coincidences_is_needed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it, a trial of many breaks an invariant; with it, none of the same trials does."""
    mutate, seeds, faults = RARE[name]
    assert problems(seeds[:500], faults=faults) == []
    mutate(monkeypatch)
    assert problems(seeds, faults=faults) != []
