"""Rooms and resources: which accounts are rooms in a profile, and what one lacks for a meeting.

A room that lacks something is not free. One without a `capacity` in gbook.yaml has too few seats for any
number that is asked for; a resource is asked for seats by `--people` only if it has a capacity.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from gbook.profiles.model import Profile
from gbook.profiles.needs import Needs
from gbook.workspace.config import Account

__all__ = ["Lack", "accounts_in", "fits", "lack_of"]

NOTHING = Needs()


class Lack(NamedTuple):
    """What a room or resource lacks: the seats needed, if it has fewer (else 0), and features."""

    seats: int
    features: tuple[str, ...]


def accounts_in(profile: Profile, accounts: Iterable[Account]) -> list[Account]:
    """Return accounts as a profile uses them: in a group called `rooms`, a person is a room."""
    rooms = profile.room_ids
    return [
        msgspec.structs.replace(account, kind="room")
        if account.kind == "person" and account.id in rooms
        else account
        for account in accounts
    ]


def fits(account: Account, profile: Profile, people: int | None) -> bool:
    """Return whether an account has all that a meeting of `people` needs; every person has."""
    return account.kind == "person" or lack_of(account, profile, people) == (0, ())


def lack_of(account: Account, profile: Profile, people: int | None) -> Lack:
    """Return what a room or resource lacks for a meeting of `people` (None: as the profile says)."""
    is_room = account.kind == "room"
    needs = (profile.rooms if is_room else profile.resources) or NOTHING
    asked = people or 0 if is_room or account.capacity else 0
    seats = max(needs.capacity or 0, asked)
    present = {feature.casefold() for feature in account.features}
    missing = tuple(feature for feature in needs.features if feature.casefold() not in present)
    return Lack(seats if seats > (account.capacity or 0) else 0, missing)
