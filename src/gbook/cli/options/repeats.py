"""The options of a series: how it repeats, how often, and whether dates that are busy are left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from gbook.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    import gbook
    from gbook.timeutil.repeats import Frequency, Repeat

__all__ = ["RepeatOptions"]

# As MAX_DATES and MAX_INTERVAL of `timeutil.repeats`, which only a series imports.
MOST_DATES = 104
LONGEST_INTERVAL = 99
FREQUENCIES: tuple[Frequency, ...] = ("daily", "weekly", "monthly")
# Names that `did_you_mean` would not find.
OTHER_NAMES = {
    "biweekly": "--repeat weekly --every 2",
    "fortnightly": "--repeat weekly --every 2",
    "quarterly": "--repeat monthly --every 3",
    "yearly": "--repeat monthly --every 12",
}


def frequency_names() -> list[str]:
    """Return the values of --repeat that a shell offers."""
    return list(FREQUENCIES)


class RepeatOptions(msgspec.Struct, kw_only=True):
    """A series instead of a single meeting."""

    repeat: Annotated[
        str | None,
        typer.Option(
            "--repeat",
            metavar="|".join(FREQUENCIES),
            help="A series, on --count dates with the same time of day.",
            autocompletion=frequency_names,
        ),
    ] = None
    every: Annotated[
        int | None,
        typer.Option(
            "--every",
            min=1,
            max=LONGEST_INTERVAL,
            metavar="N",
            help="With --repeat: only every Nth day, week or month.",
        ),
    ] = None
    count: Annotated[
        int | None,
        typer.Option("--count", min=2, max=MOST_DATES, metavar="N", help="With --repeat: number of dates."),
    ] = None
    skip_busy: Annotated[
        bool,
        typer.Option(
            "--skip-busy/--all-or-none",
            help="Leave out the dates of a series that are busy, after the first one. (default: all or none)",
            show_default=False,
        ),
    ] = False

    def read(self) -> Repeat | None:
        """Return the repeat; None for a single meeting. Raises UsageError."""
        if self.repeat is None:
            self._check_alone()
            return None
        frequency = _frequency(self.repeat)
        if self.count is None:
            raise UsageError(f"--repeat {frequency} needs --count, the number of dates")
        from gbook.timeutil.repeats import Repeat

        return Repeat(frequency, self.count, self.every or 1)

    def applied(self, query: gbook.Query) -> gbook.Query:
        """Return the query for the first date of the series, if there is one. Raises UsageError."""
        repeat = self.read()
        if repeat is None:
            return query
        return msgspec.structs.replace(query, repeat=repeat, skip_busy=self.skip_busy)

    def _check_alone(self) -> None:
        for option, value in (
            ("--every", self.every),
            ("--count", self.count),
            ("--skip-busy", self.skip_busy or None),
        ):
            if value is not None:
                raise UsageError(f"{option} needs --repeat {', '.join(FREQUENCIES[:2])} or {FREQUENCIES[2]}")


def _frequency(text: str) -> Frequency:
    """Return the frequency of this name. Raises UsageError with the nearest name."""
    for name in FREQUENCIES:
        if text.casefold() == name:
            return name
    other = OTHER_NAMES.get(text.casefold())
    near = f"; use {other}" if other else did_you_mean(text, FREQUENCIES)
    raise UsageError(f"--repeat: expected daily, weekly or monthly, found {text!r}{near}")
