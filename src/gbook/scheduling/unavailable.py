"""The errors of a slot that cannot be booked; they end the program with exit code 3."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from gbook.errors import GbookError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from gbook.engine.quorum import Member, Slot

__all__ = ["Alternatives", "KeyTaken", "Refused", "SlotUnavailable", "SlotUnknown"]


class Alternatives(NamedTuple):
    """The nearest slots that can be booked, in order of time, with the values needed to show them.

    `members` are those that the slots were searched for; `zone` is that of the times shown.
    """

    slots: Sequence[Slot]
    members: Sequence[Member]
    zone: ZoneInfo


class SlotUnavailable(GbookError):
    """The slot cannot be booked. `alternatives` is None if nothing was searched."""

    code = "slot_unavailable"
    exit_code = 3

    def __init__(self, message: str, alternatives: Alternatives | None = None, **details: Any) -> None:
        super().__init__(message, **details)
        self.alternatives = alternatives


class SlotUnknown(SlotUnavailable):
    """Whether the slot is free is not known: a server with a calendar does not answer."""

    code = "unreachable"
    exit_code = 6


class Refused(SlotUnavailable):
    """The user's preBook program refuses the booking."""

    code = "refused"


class NotAsked(Refused):
    """The user's preBook program cannot be run, so nothing is booked without its consent."""


class KeyTaken(SlotUnavailable):
    """The key of the request belongs to another booking."""

    code = "key_taken"
