"""The zone that times are shown in: the profile's, else the workspace's."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from zoneinfo import ZoneInfo

from gbook.errors import GbookError
from gbook.profiles.model import Profile
from gbook.timeutil.zones import find_zone
from gbook.workspace.workspace import Workspace

__all__ = ["profile_zone", "shared_zone"]


def profile_zone(workspace: Workspace, profile: Profile) -> ZoneInfo:
    """Return the zone of a profile's work hours, else the workspace's."""
    return find_zone(profile.work_hours.timezone) if profile.work_hours.timezone else workspace.zone


def shared_zone(workspace: Workspace, profiles: Iterable[Profile | str]) -> ZoneInfo:
    """Return the zone that all these profiles have, given as such or by name or number, else the workspace's.

    A profile that is missing or cannot be read is ignored.
    """
    from gbook.profiles.store import ProfileStore

    store, keys = ProfileStore(workspace), set()
    for item in profiles:
        with suppress(GbookError):
            profile = store.find(item) if isinstance(item, str) else item
            keys.add(profile_zone(workspace, profile).key)
    return find_zone(keys.pop()) if len(keys) == 1 else workspace.zone
