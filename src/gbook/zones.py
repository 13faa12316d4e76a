"""Time zones by name: the tz database, with a near miss suggested.

`zoneinfo` is the only source of rules; a zone's identity inside gbook is its IANA name.
"""

from __future__ import annotations

import os
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gbook.errors import did_you_mean

__all__ = ["UnknownZone", "find_zone", "iana_names", "known_system_zone", "system_zone"]

# No name in the tz database is longer.
MAX_NAME = 64


class UnknownZone(ValueError):
    """No zone of that name; the text ends with the nearest name where there is one."""

    def __str__(self) -> str:
        # A calendar with thousands of unknown names needs none of their neighbours.
        (name,) = self.args
        near = did_you_mean(name, iana_names()) if len(name) <= MAX_NAME else ""
        return f"unknown time zone {name[:MAX_NAME]!r}{near}"


@cache
def find_zone(name: str) -> ZoneInfo:
    """The zone of an IANA name, in any case (`europe/berlin`), or `UnknownZone`."""
    if len(name) > MAX_NAME:
        raise UnknownZone(name)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    if (known := _by_folded().get(name.casefold())) is not None:
        return ZoneInfo(known)
    raise UnknownZone(name)


@cache
def _by_folded() -> dict[str, str]:
    return {known.casefold(): known for known in iana_names()}


def iana_names() -> set[str]:
    """The names that a person may choose from."""
    from zoneinfo import available_timezones

    return {name for name in available_timezones() if not name.startswith(("posix", "right", "SystemV"))}


def system_zone() -> ZoneInfo:
    """Return the machine's zone: $TZ, else what the system is set to, else UTC."""
    return known_system_zone() or find_zone("UTC")


def known_system_zone() -> ZoneInfo | None:
    """Return the machine's zone by its name in the tz database; None where it has none there."""
    if named := os.environ.get("TZ"):
        try:
            return find_zone(named.lstrip(":"))
        except UnknownZone:
            # A rule such as CET-1CEST,M3.5.0,M10.5.0/3 has no name; a file may.
            if not named.lstrip(":").startswith("/"):
                return None
    import tzlocal

    try:
        name = tzlocal.get_localzone_name()
        return find_zone(name) if name else None
    except (UnknownZone, LookupError):
        return None
