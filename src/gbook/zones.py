"""Time zones by name: the tz database, with a near miss suggested.

`zoneinfo` is the only source of rules; a zone's identity inside gbook is its IANA name.
"""

from __future__ import annotations

import os
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gbook.errors import did_you_mean

__all__ = ["UnknownZone", "find_zone", "iana_names", "system_zone"]


class UnknownZone(ValueError):
    """No zone of that name; the text ends with the nearest name where there is one."""


@cache
def find_zone(name: str) -> ZoneInfo:
    """The zone of an IANA name, in any case (`europe/berlin`), or `UnknownZone`."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    by_folded = {known.casefold(): known for known in iana_names()}
    if (known := by_folded.get(name.casefold())) is not None:
        return ZoneInfo(known)
    raise UnknownZone(f"unknown time zone {name!r}{did_you_mean(name, iana_names())}")


def iana_names() -> set[str]:
    """The names that a person may choose from."""
    from zoneinfo import available_timezones

    return {name for name in available_timezones() if not name.startswith(("posix", "right", "SystemV"))}


def system_zone() -> ZoneInfo:
    """The machine's zone: $TZ, else what the system is set to, else UTC."""
    if named := os.environ.get("TZ"):
        try:
            return find_zone(named.lstrip(":"))
        except UnknownZone:
            pass
    import tzlocal

    try:
        return find_zone(tzlocal.get_localzone_name() or "UTC")
    except (UnknownZone, LookupError):
        return find_zone("UTC")
