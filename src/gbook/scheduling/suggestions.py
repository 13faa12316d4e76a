"""Changes of a query that would give more slots; each is tried with the rules that found the slots."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from gbook.engine.relaxations import Relaxation, relaxations
from gbook.profiles.model import Profile
from gbook.scheduling.availability import Answer, ask, bookable
from gbook.scheduling.caps import uncapped
from gbook.scheduling.masks import find_candidates, free_masks, series_of
from gbook.timeutil.format import count, day_name
from gbook.timeutil.instants import local
from gbook.timeutil.periods import Period
from gbook.workspace.workspace import Workspace

__all__ = ["Suggestion", "suggest"]

AT_MOST = 5
# Parts of the duration that are tried, rounded down to multiples of ROUND minutes.
PARTS = (0.75, 0.5, 0.25)
ROUND = 5


class Suggestion(NamedTuple):
    """A change in words, how many more slots it gives, and their starts (instants)."""

    change: str
    slots: int
    starts: frozenset[int]


def suggest(workspace: Workspace, answer: Answer) -> list[Suggestion]:
    """Return the changes that give more slots in the answer's window, the most effective first.

    A longer window is only tried if there are no slots, since calendars must be read for it.
    """
    if not answer.members:
        return []
    suggestions = [_of_relaxation(answer, relaxation) for relaxation in _relaxations(answer)]
    suggestions += _shorter(answer)
    suggestions += _without_buffers(answer)
    suggestions += _with_any_room(answer)
    suggestions += _without_caps(answer)
    suggestions += _of_series(answer)
    if not answer.slots:
        suggestions += _longer(workspace, answer)
    return sorted(suggestions, key=lambda suggestion: -suggestion.slots)[:AT_MOST]


def _relaxations(answer: Answer) -> Iterator[Relaxation]:
    return relaxations(answer.members, answer.free, answer.query.quorum, answer.candidates.all)


def _of_relaxation(answer: Answer, relaxation: Relaxation) -> Suggestion:
    starts = answer.candidates.starts
    added = frozenset(start for position, start in enumerate(starts) if relaxation.mask >> position & 1)
    return Suggestion(_in_words(relaxation), len(added), added)


def _in_words(relaxation: Relaxation) -> str:
    """Return `without bob and carol`, or `with any 2 of 3 of group sales`."""
    group = f" of group {relaxation.group}" if relaxation.group else ""
    if relaxation.without:
        return f"without {' and '.join(relaxation.without)}{group}"
    change = f"with any {relaxation.enough} of {relaxation.of}"
    if relaxation.group:
        return f"{change}{group}"
    return f"{change} members (--required {'one' if relaxation.enough == 1 else relaxation.enough})"


def _shorter(answer: Answer) -> Iterator[Suggestion]:
    """Return the longest of some shorter meetings that has more slots."""
    minutes = answer.query.profile.duration_minutes
    shorter = dict.fromkeys(int(minutes * part) // ROUND * ROUND for part in PARTS)
    for length in filter(None, shorter):
        profile = msgspec.structs.replace(answer.query.profile, duration_minutes=length)
        change = f"with {count(length, 'minute')} instead of {minutes}"
        if suggestion := _with_query(answer, change, profile=profile):
            yield suggestion
            return


def _without_buffers(answer: Answer) -> Iterator[Suggestion]:
    profile = answer.query.profile
    if profile.buffer_before_minutes or profile.buffer_between_minutes:
        bare = msgspec.structs.replace(profile, buffer_before_minutes=0, buffer_between_minutes=0)
        if suggestion := _with_query(answer, "without the buffers", profile=bare):
            yield suggestion


def _with_any_room(answer: Answer) -> Iterator[Suggestion]:
    profile = answer.query.profile
    if answer.query.people or profile.rooms or profile.resources:
        bare = msgspec.structs.replace(profile, rooms=None, resources=None)
        if suggestion := _with_query(answer, "with any room", profile=bare, people=None):
            yield suggestion


def _without_caps(answer: Answer) -> Iterator[Suggestion]:
    bare, keys = uncapped(answer.query.profile)
    if keys and (suggestion := _with_query(answer, f"without {' and '.join(keys)}", profile=bare)):
        yield suggestion


def _of_series(answer: Answer) -> Iterator[Suggestion]:
    """Return a series without its busy dates, and the longest one of fewer dates that begins more often."""
    repeat = answer.query.repeat
    if repeat is None or answer.query.skip_busy or repeat.skipped:
        return
    if suggestion := _with_masks(answer, "with --skip-busy", answer.by_date[0]):
        yield suggestion
    free = [dict(answer.by_date[0])]
    for date in answer.by_date[1:]:
        free.append({name: mask & date[name] for name, mask in free[-1].items()})
    for number in range(repeat.count - 1, 1, -1):
        if suggestion := _with_masks(answer, f"with --count {number}", free[number - 1]):
            yield suggestion
            return


def _with_masks(answer: Answer, change: str, free: Mapping[str, int]) -> Suggestion | None:
    """Return what a change gives that makes these the masks of accounts."""
    slots, _ = bookable(answer.query, answer.candidates, answer.members, free, answer.times)
    return _gain(answer, change, (slot.start for slot in slots))


def _with_query(answer: Answer, change: str, **changes: Any) -> Suggestion | None:
    """Ask a query with changes, in the same window, with the busy time already read."""
    query = msgspec.structs.replace(answer.query, **changes)
    candidates = find_candidates(query.profile, answer.zone, answer.window)
    series = series_of(query, candidates, answer.zone)
    free, _ = free_masks(query, series or candidates, answer.zone, answer.times, answer.readonly)
    slots, _ = bookable(query, candidates, answer.members, free, answer.times)
    return _gain(answer, change, (slot.start for slot in slots))


def _longer(workspace: Workspace, answer: Answer) -> Iterator[Suggestion]:
    """Return the profile's whole period if less was asked for, else a period twice as long."""
    query = msgspec.structs.replace(answer.query, low=None, high=None)
    last = local(answer.period[1], answer.zone).date()
    change = f"until {day_name(last)} (--to {last})"
    if answer.window == answer.period:
        profile = _doubled(query.profile)
        query = msgspec.structs.replace(query, profile=profile)
        change = f"with timeAvailableFor {profile.time_available_for}"
    if suggestion := _gain(answer, change, (slot.start for slot in ask(workspace, query).slots)):
        yield suggestion


def _doubled(profile: Profile) -> Profile:
    period = Period.parse(profile.time_available_for)
    months, days = (f"{2 * n}{unit}" if n else "" for n, unit in ((period.months, "M"), (period.days, "D")))
    seconds = f"T{period.seconds // 30}M" if period.seconds else ""
    return msgspec.structs.replace(profile, time_available_for=f"P{months}{days}{seconds}")


def _gain(answer: Answer, change: str, starts: Iterator[int]) -> Suggestion | None:
    """Return the suggestion of a change with these starts; None if there are no more than before."""
    new_starts = frozenset(starts)
    more = len(new_starts) - len(answer.slots)
    return Suggestion(change, more, new_starts) if more > 0 else None
