"""The numbered hold, in thousands of simulated trials with faults of every kind."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from support.holds.trial import run_trial


def problems(seeds: Sequence[int]) -> list[str]:
    """Return what is wrong in the trials of these seeds, each with its seed."""
    return [f"seed {seed}: {problem}" for seed in seeds for problem in run_trial(seed).problems]


def test_no_trial_breaks_an_invariant() -> None:
    """At most one booking over any instant; what a program says is true, and stays true."""
    assert problems(range(320)) == []


@pytest.mark.slow
@pytest.mark.parametrize("part", range(8))
def test_ten_thousand_trials_break_no_invariant(part: int) -> None:
    """The same in 10,000 trials."""
    assert problems(range(part, 10_000, 8)) == []
