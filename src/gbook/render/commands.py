"""Queries in words, and commands to copy, the same in every view."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from gbook.engine.quorum import needed
from gbook.profiles.model import Profile
from gbook.profiles.template import fields
from gbook.render.free_members import names
from gbook.render.text import clean
from gbook.scheduling.availability import Answer, Query, chosen_members
from gbook.timeutil.format import (
    count,
    day_name,
    day_range,
    period_name,
    slot_value,
    zone_name,
)
from gbook.timeutil.instants import local

if TYPE_CHECKING:
    from gbook.engine.quorum import Slot
    from gbook.scheduling.unavailable import Alternatives

__all__ = [
    "booking_command",
    "headline",
    "left_out",
    "other_slots",
    "quorum_words",
    "repeat_words",
    "slot_lines",
    "why_command",
]


# Accounts named in the headline of a meeting without a profile.
MOST_NAMES = 4
# The options of a meeting without a profile, and the keys of a profile that they set.
SHAPE = {
    "--duration": "duration_minutes",
    "--step": "availability_step",
    "--buffer-before": "buffer_before_minutes",
    "--buffer": "buffer_between_minutes",
    "--notice": "start_after_minutes",
}


def _required_members(answer: Answer) -> str:
    """Return `one of 4 members` or `all 4 members`."""
    members = count(len(answer.members), "member")
    quorum = answer.query.quorum
    if len(answer.members) == 1 and quorum in ("one", "all", 1):
        return members
    return f"all {members}" if quorum == "all" else f"{quorum} of {members}"


def quorum_words(query: Query) -> str:
    """Return how many members a booking needs: `2 of 5 needed`, `all 5 needed`; nothing for one member."""
    total = len(chosen_members(query))
    number = needed(query.quorum, total)
    if total < 2:
        return ""
    return f"all {total} needed" if number == total else f"{number} of {total} needed"


def headline(answer: Answer, zone: ZoneInfo) -> str:
    """Return the query in words: `demo: 30 minutes, one of 4 members, 24 Nov – 24 Dec 2026`."""
    profile = answer.query.profile
    length = count(profile.duration_minutes, "minute")
    repeat = filter(None, [repeat_words(answer.query)])
    asked = (length, *repeat, _required_members(answer), _dates(answer, zone))
    return f"{clean(profile.name or names(profile.accounts, MOST_NAMES))}: {', '.join(asked)}"


def repeat_words(query: Query) -> str:
    """Return how a series repeats: `weekly, 6 times`, with --skip-busy `weekly, up to 6 times`."""
    if query.repeat is None:
        return ""
    return query.repeat.words.replace(", ", ", up to ") if query.skip_busy else query.repeat.words


def left_out(number: int, noun: str, first: date, last: date) -> str:
    """Return what a view leaves out: `… and 2 more days until 5 Dec: --from 2026-12-04`."""
    return f"… and {count(number, f'more {noun}')} until {last.day} {last:%b}: --from {first.isoformat()}"


def _dates(answer: Answer, zone: ZoneInfo) -> str:
    """Return the dates that were searched; those asked for if all of them are outside the period."""
    low, high = answer.query.low, answer.query.high
    if answer.window[0] < answer.window[1] or (low is None and high is None):
        return period_name(answer.window, zone)
    if low is not None and high is not None:
        return period_name((low, high), zone)
    if low is not None:
        return f"from {day_name(local(low, zone).date())}"
    return f"until {day_name(local((high or 0) - 1, zone).date())}"


def booking_command(query: Query, start: int, zone: ZoneInfo) -> str:
    """Return the command that books the slot at `start`, a time of `zone`, with placeholders for values."""
    needed = [field.name for field in fields(query.profile) if field.default is None]
    values = [word for name in needed for word in ("--field", f"{name}=VALUE")]
    slot = slot_value(start, zone)
    guest = ("--name", "NAME", "--email", query.guest or "EMAIL")
    return _command("book", query, "--slot", slot, *guest, *values)


def other_slots(nearest: Alternatives) -> Iterator[str]:
    """Return lines with the nearest available slots, each as a --slot option and in the profile's zone."""
    slots, zone = nearest.slots, nearest.zone
    if slots:
        yield f"Nearest available slots, times in {zone_name(zone, (slot.start for slot in slots))}:"
    yield from slot_lines(slots, zone)


def slot_lines(slots: Iterable[Slot], zone: ZoneInfo) -> Iterator[str]:
    """Return a line for each slot, as a --slot option and in `zone`."""
    for slot in slots:
        yield f"  --slot {slot_value(slot.start, zone)}  {day_range(slot.start, slot.end, zone)}"


def why_command(query: Query, start: int, zone: ZoneInfo) -> str:
    """Return the command that explains why the slot at `start`, a time of `zone`, can or cannot be booked."""
    guest = ("--email", query.guest) if query.guest else ()
    return _command("why", query, *guest, slot_value(start, zone))


def _command(name: str, query: Query, *words: str) -> str:
    """Return a gbook command for the profile and the members of a query, quoted for a shell."""
    members = [word for account in query.accounts for word in ("--account", account)]
    members += [word for group in query.groups for word in ("--group", group)]
    members += ["--people", str(query.people)] if query.people else []
    profile = query.profile
    as_usual = query.required in (None, profile.required) if profile.name else query.quorum == "all"
    required = () if as_usual else ("--required", str(query.quorum))
    what = ("-p", profile.name) if profile.name else meeting_words(profile)
    return clean(shlex.join(["gbook", name, *what, *members, *required, *_series_words(query), *words]))


def _series_words(query: Query) -> Iterator[str]:
    """Yield the options of a series."""
    if (repeat := query.repeat) is not None:
        yield from ("--repeat", repeat.frequency, "--count", str(repeat.count))
        yield from ("--every", str(repeat.interval)) if repeat.interval > 1 else ()
        yield from ("--skip-busy",) if query.skip_busy else ()


def meeting_words(profile: Profile) -> list[str]:
    """Return the options of a meeting without a profile: --with and all that differ from the defaults."""
    from gbook.profiles.hours import format_hours

    words = ["--with", ",".join(profile.accounts)]
    usual, hours = Profile(), profile.work_hours
    for flag, key in SHAPE.items():
        if (value := getattr(profile, key)) != getattr(usual, key):
            words += [flag, str(value)]
    if hours.day_schedules != usual.work_hours.day_schedules:
        words += ["--hours", format_hours(hours.day_schedules)]
    return [*words, "--timezone", hours.timezone] if hours.timezone else words
