"""Slots as clients see them, in lists of free times and as the nearest ones of a refusal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache

import gbook
from gbook.engine.quorum import Member, Slot
from gbook.errors import UNREAD, InvalidFile
from gbook.service.call import Call
from gbook.service.problems import ApiError, Refusal, calendars_unreadable, from_error
from gbook.service.wire.times import BookingMeetingInterval
from gbook.timeutil.instants import format_instant
from gbook.workspace.numbers import number_of
from gbook.workspace.workspace import Workspace

__all__ = ["refusing", "slot_items"]


def slot_items(
    workspace: Workspace, slots: Sequence[Slot], members: Sequence[Member]
) -> tuple[BookingMeetingInterval, ...]:
    """Return slots, each with those of `members` that can take it."""
    attached = [member.id for member in members if member.group is None]
    numbers = {name: number_of(workspace.account(name)) for name in attached}
    groups = [member.group for member in members if member.group is not None]

    # Thousands of slots have the same members, and begin where others end.
    @cache
    def group_xids(free: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(group for group in groups if group in free)

    @cache
    def account_ids(free: tuple[str, ...]) -> tuple[int, ...]:
        return tuple(numbers[account] for account in free if account in numbers)

    text = cache(format_instant)
    return tuple(
        BookingMeetingInterval(
            start=text(slot.start),
            end=text(slot.end),
            group_xids=group_xids(tuple(slot.groups)),
            account_ids=account_ids(slot.accounts),
            seats_left=slot.seats_left,
        )
        for slot in slots
    )


@contextmanager
def refusing(call: Call) -> Iterator[None]:
    """Turn what a booking operation raises into the answer: of a refused slot, with the nearest free ones.

    If there are none of them, or none was looked for, a calendar that cannot be read may be the reason.
    """
    try:
        yield
    except gbook.SlotUnavailable as error:
        raise _refusal(call, error) from error
    except InvalidFile as error:
        if _is_calendar(call.workspace, error.path):
            raise calendars_unreadable() from error
        raise


def _refusal(call: Call, error: gbook.SlotUnavailable) -> ApiError:
    nearest, answer = error.alternatives, from_error(error)
    if nearest and nearest.slots and answer.status == 409:
        items = slot_items(call.workspace, nearest.slots, nearest.members)
        return Refusal(409, answer.code, answer.message, alternatives=items)
    is_unread = any(warning.code in UNREAD for warning in call.context.collected_warnings)
    return calendars_unreadable() if is_unread and answer.code == "slot_unavailable" else answer


def _is_calendar(workspace: Workspace, path: str) -> bool:
    """Return whether an invalid file is a calendar, and not of the workspace's settings."""
    own = str(workspace.config_path), str(workspace.profiles_path)
    return not path.startswith(own)
