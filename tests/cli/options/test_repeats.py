"""The options of a series."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from support.running import Gbook

from gbook.cli.options import repeats
from gbook.cli.options.repeats import RepeatOptions
from gbook.errors import UsageError
from gbook.timeutil.repeats import MAX_DATES, MAX_INTERVAL, Frequency, Repeat


def test_the_bounds_are_those_of_a_repeat() -> None:
    """The options do not import them: a query without a series does not pay for one."""
    assert (repeats.MOST_DATES, repeats.LONGEST_INTERVAL) == (MAX_DATES, MAX_INTERVAL)
    assert get_args(Frequency) == repeats.FREQUENCIES


def test_a_repeat_is_read() -> None:
    """`--every` is 1 unless it is given; no option is no series."""
    assert RepeatOptions(repeat="weekly", count=6).read() == Repeat("weekly", 6)
    assert RepeatOptions(repeat="Daily", count=2, every=3).read() == Repeat("daily", 2, 3)
    assert RepeatOptions().read() is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"repeat": "weekly"}, "--repeat weekly needs --count, the number of dates"),
        ({"repeat": "weekl", "count": 2}, "did you mean weekly?"),
        ({"repeat": "biweekly", "count": 2}, "found 'biweekly'; use --repeat weekly --every 2"),
        ({"count": 2}, "--count needs --repeat daily, weekly or monthly"),
        ({"every": 2}, "--every needs --repeat"),
        ({"skip_busy": True}, "--skip-busy needs --repeat"),
    ],
)
def test_a_mistake_is_named(options: dict[str, Any], message: str) -> None:
    """With what to do."""
    with pytest.raises(UsageError) as refused:
        RepeatOptions(**options).read()
    assert message in str(refused.value)


@pytest.mark.parametrize("words", [("--count", "105"), ("--count", "1"), ("--count", "3", "--every", "100")])
def test_numbers_out_of_bounds_are_refused(gbook: Gbook, words: tuple[str, ...]) -> None:
    """With exit code 2."""
    result = gbook("availability", "--repeat", "weekly", *words)
    assert (result.code, result.out) == (2, "")
