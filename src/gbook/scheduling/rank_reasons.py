"""The factors of a rank in words: `90 minutes outside bob's preferred hours`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gbook.timeutil.format import count, ordinal, time_range
from gbook.timeutil.instants import WEEKDAYS, local
from gbook.timeutil.zones import find_zone

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from gbook.engine.ranking import Factor
    from gbook.scheduling.availability import Answer
    from gbook.scheduling.preferences import RankedSlot

__all__ = ["rank_reason", "rank_sentence"]


def rank_sentence(answer: Answer, ranked: RankedSlot) -> str:
    """Return the rank of a slot in one line: `3rd of 48: not next to another meeting of bob`."""
    reasons = "; ".join(rank_reason(answer, ranked, factor) for factor in ranked.factors)
    position = f"{ordinal(ranked.position)} of {len(answer.slots)}"
    return f"{position}: {reasons}" if reasons else position


def rank_reason(answer: Answer, ranked: RankedSlot, factor: Factor) -> str:
    """Return one factor of a slot's cost in words; times are in the zone of the account."""
    minutes, slot = count(factor.minutes, "minute"), ranked.slot
    who = "the profile" if factor.account_id is None else factor.account_id
    zone = _zone_of(answer, factor)
    match factor.code:
        case "hours":
            return f"{minutes} outside {who}'s preferred hours"
        case "day":
            day = WEEKDAYS[local(slot.start, zone).weekday()].capitalize()
            return f"{day} is not a preferred day of {who}"
        case "zone":
            own = factor.account_id and answer.times[factor.account_id].account.prefer
            hours = "the preferred hours" if own and own.hours else "09:00–17:00"
            times = time_range(slot.start, slot.end, zone)
            return f"{times} for {who}, {count(factor.worst, 'minute')} outside {hours}"
        case "gap":
            return f"leaves {who} {minutes} in gaps too short to use"
        case "split":
            return f"splits {who}'s {_part_of_day(local(slot.start, zone).hour)}"
        case "apart":
            return f"not next to another meeting of {who}"
        case "touching":
            return f"next to another meeting of {who}"
        case _:
            return f"without {who}"


def _zone_of(answer: Answer, factor: Factor) -> ZoneInfo:
    if factor.account_id is None:
        return answer.zone
    own = answer.times[factor.account_id].account.timezone
    return find_zone(own) if own else answer.zone


def _part_of_day(hour: int) -> str:
    return "morning" if hour < 12 else "afternoon" if hour < 17 else "evening"
