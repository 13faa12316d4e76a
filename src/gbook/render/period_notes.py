"""Notes about a window that reaches beyond the period in which a profile offers slots."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from gbook.scheduling.availability import is_past
from gbook.timeutil.format import moment_name
from gbook.timeutil.instants import MINUTE, at_midnight, local, parse_instant

if TYPE_CHECKING:
    from gbook.scheduling.availability import Answer

__all__ = ["period_notes"]


def period_notes(answer: Answer, zone: ZoneInfo) -> Iterator[str]:
    """Yield a note for each end of the window asked for that the profile's period, or now, cuts.

    Times are in `zone`. A window that is wholly in the past needs no note: it has no slots, for that reason.
    """
    query, (start, end) = answer.query, answer.period
    profile = query.profile
    today = local(query.now, zone).date()
    bounds = [bound for bound in (query.low, query.high) if bound is not None]
    subject = f"{profile.noun} offers times" if profile.name else "times are searched"
    starts = profile.start_time and parse_instant(profile.start_time, UTC) == start
    if starts and query.low is not None and query.low < start:
        yield f"{subject} from {moment_name(start, zone, today)} (startTime); nothing before that is shown"
    elif query.low is not None and query.low < at_midnight(today, zone) and not is_past(query):
        yield f"{moment_name(query.low, zone, today)} is in the past; only times from now on are shown"
    if bounds and max(bounds) > end:
        ends = profile.end_time and parse_instant(profile.end_time, UTC) == end
        cause = "endTime" if ends else profile.time_available_for
        minute = end - end % MINUTE
        yield f"{subject} until {moment_name(minute, zone, today)} ({cause}); nothing after that is shown"
