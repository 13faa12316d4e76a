"""How times and questions are put into words, the same in every view."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from gbook.query import Answer
from gbook.render.text import clean
from gbook.spoken import (
    count,
    day_name,
    days,
    offset_name,
    period_name,
    slot_value,
    time_range,
    zone_name,
)

__all__ = [
    "count",
    "day_name",
    "days",
    "headline",
    "members_wanted",
    "offset_name",
    "period_name",
    "slot_value",
    "time_range",
    "zone_name",
]


def members_wanted(answer: Answer) -> str:
    """`one of 4 members`, `all 4 members`."""
    members = count(len(answer.members), "member")
    if len(answer.members) == 1 and answer.query.required in ("one", "all", 1):
        return members
    return f"all {members}" if answer.query.required == "all" else f"{answer.query.required} of {members}"


def headline(answer: Answer, zone: ZoneInfo) -> str:
    """What was asked: `demo: 30 minutes, one of 4 members, 24 Nov – 24 Dec 2026`."""
    profile = answer.query.profile
    length = count(profile.duration_minutes, "minute")
    asked = (length, members_wanted(answer), period_name(answer.window, zone))
    return f"{clean(profile.name)}: {', '.join(asked)}"
