"""The free members of a slot in words: `all 5`, `without dave`, or their names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from gbook.render.text import Styled, clean

if TYPE_CHECKING:
    from gbook.engine.quorum import Member
    from gbook.scheduling.ranges import Attendance

__all__ = ["free_members", "names", "other_members"]

# Names in a cell; of more free members only their number is shown.
NAME_LIMIT = 8
# Members that are missing, if it is shorter to name these.
MISSING_LIMIT = 2
STYLES = {"all": "green", "some": "", "others": "dim"}


def free_members(who: Attendance, members: Sequence[Member]) -> Styled:
    """Return an attendance in words, with the optional accounts in brackets; no words for the only member."""
    optional = f" (+ {names(who.optional)})" if who.optional else ""
    style = STYLES["all" if who.size == len(members) else "some"]
    return Styled(clean(f"{_members(who, members)}{optional}").strip(), style)


def _members(who: Attendance, members: Sequence[Member]) -> str:
    if who.size == len(members):
        return f"all {len(members)}" if len(members) > 1 else ""
    missing = [
        member.id
        for member in members
        if member.id not in (who.accounts if member.group is None else who.groups)
    ]
    if len(missing) <= MISSING_LIMIT and len(missing) < who.size:
        return f"without {names(missing)}"
    if who.size > NAME_LIMIT:
        return f"{who.size} of {len(members)}"
    return names([*who.accounts, *who.groups])


def other_members(sizes: Iterable[int], named: int, total: int) -> Styled:
    """Return the numbers of free members at other times: `fewer (2–3 of 5)` if all are less than `named`."""
    distinct = set(sizes)
    low, high = min(distinct), max(distinct)
    number = f"{low}" if low == high else f"{low}–{high}"
    return Styled(f"{'fewer' if high < named else 'others'} ({number} of {total})", STYLES["others"])


def names(ids: Sequence[str], limit: int = NAME_LIMIT) -> str:
    """Return `alice, bob`; of more than `limit` names only the first."""
    more = len(ids) - limit
    return ", ".join(ids) if more <= 0 else f"{', '.join(ids[:limit])} and {more} more"
