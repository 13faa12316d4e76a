"""Lengths of time as people type them in options: `30`, `45m`, `2h`, `1h30`, `2d`, `1w`, `P7D`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import typer

from gbook.cli.options import completion
from gbook.errors import UsageError
from gbook.timeutil.periods import Period, iso_period, period_minutes

__all__ = ["minutes_option", "typed_period"]


def minutes_option(*flags: str, help: str, low: int = 0, high: int | None = None) -> Any:
    """Return an option whose value is a number of minutes from `low` to `high`, typed as a length of time."""
    return typer.Option(
        *flags,
        metavar="LENGTH",
        help=help,
        parser=_minutes(flags[0], low, high),
        autocompletion=completion.lengths,
    )


def _minutes(flag: str, low: int, high: int | None) -> Callable[[str], int]:
    def minutes(text: str) -> int:
        try:
            number = period_minutes(text)
        except ValueError as error:
            raise UsageError(f"{flag}: {error}") from None
        if number < low or (high is not None and number > high):
            limit = f"from {low} to {high}" if high is not None else f"of at least {low}"
            raise UsageError(f"{flag}: expected a length {limit} minutes, found {text!r}")
        return number

    return minutes


def typed_period(text: str, flag: str = "--for") -> Period:
    """Return the period of an option; a bare number is days. Raises UsageError."""
    try:
        return Period.parse(iso_period(text), text)
    except ValueError as error:
        raise UsageError(f"{flag}: {error}") from None
