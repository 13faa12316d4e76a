"""The options --from, --to and --for: the window that a command looks at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from gbook.cli.options import completion
from gbook.errors import UsageError
from gbook.timeutil.instants import at_midnight, local
from gbook.timeutil.periods import Period

if TYPE_CHECKING:
    from gbook import Answer
    from gbook.cli.session import Session

__all__ = [
    "From",
    "Length",
    "To",
    "check_order",
    "from_option",
    "note_period",
    "read_bounds",
    "read_days",
    "read_window",
    "to_option",
]


def from_option(default: str = "") -> Any:
    """Return the option --from with a help text that names its default."""
    return typer.Option(
        "--from",
        metavar="DATE|TIME",
        help=f"First date or time.{_default(default)}",
        autocompletion=completion.dates,
    )


def to_option(default: str = "") -> Any:
    """Return the option --to with a help text that names its default."""
    return typer.Option(
        "--to",
        metavar="DATE|TIME",
        help=f"Last date (inclusive) or time.{_default(default)}",
        autocompletion=completion.dates,
    )


def _default(text: str) -> str:
    return f" (default: {text})" if text else ""


From = Annotated[str | None, from_option("now")]
To = Annotated[str | None, to_option()]
Length = Annotated[
    str | None,
    typer.Option(
        "--for",
        metavar="PERIOD",
        help="Length of the window: 7d, 2w, 8h.",
        autocompletion=completion.periods,
    ),
]


def read_bounds(
    start: str | None, end: str | None, zone: ZoneInfo, now: int
) -> tuple[int | None, int | None]:
    """Return the instants of --from and --to, None for one that is not given. Raises UsageError."""
    if not (start or end):
        return None, None
    from gbook.cli.options.dates import typed_end, typed_start

    low = typed_start(start, zone, now) if start else None
    return low, typed_end(end, zone, now, low) if end else None


def read_window(
    start: str | None, end: str | None, length: str | None, zone: ZoneInfo, now: int
) -> tuple[int | None, int | None]:
    """Return the window of --from, --to and --for, None for an open end. Raises UsageError."""
    low, high = _typed_window(start, end, length, zone, now, now)
    if low is not None and high is not None:
        check_order(low, high)
    return low, high


def read_days(
    start: str | None, end: str | None, length: str | None, zone: ZoneInfo, now: int, default: int
) -> tuple[int, int]:
    """Return the window of --from, --to and --for; by default from today's midnight on, `default` days.

    Raises UsageError.
    """
    midnight = at_midnight(local(now, zone).date(), zone)
    low, high = _typed_window(start, end, length, zone, now, midnight)
    if low is None:
        low = midnight
    if high is None:
        high = Period(months=0, days=default).after(low, zone)
    check_order(low, high)
    return low, high


def _typed_window(
    start: str | None, end: str | None, length: str | None, zone: ZoneInfo, now: int, begin: int
) -> tuple[int | None, int | None]:
    """Return the window as typed; without --from, --for counts from `begin`. Raises UsageError."""
    if end and length:
        raise UsageError("--to and --for cannot both be given")
    low, high = read_bounds(start, end, zone, now)
    if length:
        from gbook.cli.options.durations import typed_period

        high = typed_period(length).after(begin if low is None else low, zone)
    return low, high


def note_period(session: Session, answer: Answer, zone: ZoneInfo) -> None:
    """Print a note for each end of the window asked for that the profile's period cuts; times in `zone`."""
    low, high = answer.query.low, answer.query.high
    start, end = answer.period
    if (low is not None and not start <= low <= end) or (high is not None and high > end):
        from gbook.render.period_notes import period_notes

        for text in period_notes(answer, zone):
            session.note(text)


def check_order(low: int, high: int) -> None:
    """Raise UsageError for a window that ends before it starts, or when it starts."""
    if high <= low:
        raise UsageError("--to is before --from")
