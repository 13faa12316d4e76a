"""Masks: the candidate slots of a profile, and which of them each account can take, once or on many dates."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from gbook.engine.candidates import Candidates, Meeting, candidate_starts
from gbook.engine.intervals import Interval, Intervals
from gbook.profiles.model import Profile
from gbook.profiles.rooms import fits
from gbook.profiles.schedule import working_intervals
from gbook.scheduling.account_time import AccountBusy
from gbook.scheduling.caps import account_tallies, full_periods, guest_tallies
from gbook.scheduling.limits import kept_free, own_closed_time
from gbook.timeutil.instants import DAY, MINUTE, parse_instant

if TYPE_CHECKING:
    from gbook.scheduling.availability import Query
    from gbook.scheduling.series import DateCaps, SeriesCandidates

__all__ = [
    "find_candidates",
    "free_masks",
    "free_slots",
    "is_suitable",
    "keeps",
    "series_of",
    "slots_in_time_of",
]


def find_candidates(profile: Profile, zone: ZoneInfo, window: Interval) -> Candidates:
    """Return the profile's slots in `window` (instants) as if every account were free."""
    meeting = Meeting(
        profile.duration_minutes * MINUTE,
        profile.buffer_before_minutes * MINUTE,
        profile.buffer_between_minutes * MINUTE,
    )
    intervals = working_intervals(
        profile.work_hours, zone, window, profile.availability_intervals, profile.align
    )
    step = profile.availability_step * MINUTE
    return Candidates(candidate_starts(intervals, step, meeting.duration, window), meeting)


def series_of(query: Query, candidates: Candidates, zone: ZoneInfo) -> SeriesCandidates | None:
    """Return the dates of the series that begin at `candidates`; None for a meeting that does not repeat.

    Raises UsageError for dates so late that Python has none.
    """
    if query.repeat is None:
        return None
    # Only a series pays for it.
    from gbook.scheduling.series import SeriesCandidates

    return SeriesCandidates(query.repeat, candidates, zone)


def free_masks(
    query: Query,
    candidates: Candidates | SeriesCandidates,
    zone: ZoneInfo,
    times: Mapping[str, AccountBusy],
    readonly: Collection[str] = (),
) -> tuple[dict[str, int], Sequence[Mapping[str, int]]]:
    """Return the mask of each account, and for a series those of each date; `readonly` accounts are not free.

    All masks of a series are over the candidates of its first date.
    """
    offered = candidates if isinstance(candidates, Candidates) else slots_in_time_of(query, candidates, zone)
    free = {
        name: 0 if name in readonly else free_slots(query, offered, zone, time)
        for name, time in times.items()
    }
    if isinstance(candidates, Candidates):
        return free, ()
    by_date = candidates.by_date(offered, free, _date_caps(query, zone, times))
    return by_date[0] if query.skip_busy else candidates.on_all_dates(by_date), by_date


def slots_in_time_of(query: Query, series: SeriesCandidates, zone: ZoneInfo) -> Candidates:
    """Return the profile's slots from the first date of a series to its last: only `endTime` ends them.

    Of a series whose time was agreed, the dates themselves.
    """
    profile = query.profile
    if query.agreed is not None or not series.first:
        return series.each()
    high = min(series.high, parse_instant(profile.end_time, UTC)) if profile.end_time else series.high
    return find_candidates(profile, zone, (series.first.starts[0], high))


def _date_caps(query: Query, zone: ZoneInfo, times: Mapping[str, AccountBusy]) -> dict[str, DateCaps]:
    """Return the caps that the dates of a series must keep together, of each account that has some."""
    from gbook.scheduling.series import DateCaps

    profile = query.profile
    found: dict[str, DateCaps] = {}
    for name, time in times.items():
        counted = [] if keeps(query, time) else [*account_tallies(profile, query.now, zone, time)]
        counted += guest_tallies(profile, zone, time.of_guest) if query.guest else ()
        if counted:
            found[name] = DateCaps(counted)
    return found


def free_slots(query: Query, candidates: Candidates, zone: ZoneInfo, time: AccountBusy) -> int:
    """Return the mask of the slots that an account can take, also together with a session of its own."""
    if not (time.readable and candidates.starts and is_suitable(query, time)):
        return 0
    mask = _free_slots(query, candidates, zone, time)
    if query.seats is None:
        return mask
    from gbook.scheduling.sessions import joinable

    def is_free(one: Candidates, rest: AccountBusy) -> int:
        return _free_slots(query, one, zone, rest, joins=True)

    return mask | joinable(query.profile, query.now, query.seats, candidates, time, is_free)


def _free_slots(
    query: Query, candidates: Candidates, zone: ZoneInfo, time: AccountBusy, *, joins: bool = False
) -> int:
    """Return the mask of the slots at which no rule forbids an account to meet.

    One more guest of a session that it `joins` is no further booking of the account.
    """
    low, high = candidates.starts[0] - DAY, candidates.starts[-1] + candidates.meeting.duration + DAY
    closed = Intervals() if keeps(query, time) else own_closed_time(time.account, zone, low, high)
    busy = time.busy | kept_free(query.profile, query.now, time)
    if (declined := query.declined.get(time.account.id)) is not None:
        busy |= Intervals([declined])
    mask = candidates.free(busy, closed)
    for full in full_periods(query.profile, query.now, zone, time, agreed=joins or keeps(query, time)):
        mask &= ~candidates.run(full.start, full.end)
    return mask


def is_suitable(query: Query, time: AccountBusy) -> bool:
    """Return whether an account has what the meeting needs of a room, or has agreed to the time."""
    return fits(time.account, query.profile, query.people) or keeps(query, time)


def keeps(query: Query, time: AccountBusy) -> bool:
    """Return whether this account has agreed to the time; its own hours do not matter then."""
    return query.agreed is not None and time.account.id in query.agreed
