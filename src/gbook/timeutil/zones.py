"""Time zones by name: the newest tz database at hand, with a near miss suggested.

`zoneinfo` is the only source of rules; a zone's identity inside gbook is its IANA name. It takes the system's
database first, which may be years older than the tzdata package: governments change clocks at short notice.
"""

from __future__ import annotations

import os
import re
import zoneinfo
from functools import cache
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gbook.errors import did_you_mean

__all__ = [
    "Database",
    "UnknownZone",
    "database",
    "find_zone",
    "iana_names",
    "known_system_zone",
    "system_zone",
]

# No name in the tz database is longer.
MAX_NAME = 64


class UnknownZone(ValueError):
    """No zone of that name; the text ends with the nearest name where there is one."""

    def __str__(self) -> str:
        # A calendar with thousands of unknown names needs none of their neighbours.
        (name,) = self.args
        near = did_you_mean(name, iana_names()) if len(name) <= MAX_NAME else ""
        return f"unknown time zone {name[:MAX_NAME]!r}{near}"


class Database(NamedTuple):
    """A tz database: its version (`2026c`), and its folder where zoneinfo would not look there first."""

    version: str
    folder: Path | None


@cache
def database() -> Database:
    """Return the newest tz database: the system's or the tzdata package's.

    A system that does not say its version is taken for older: nothing shows that it is not.
    """
    import tzdata

    package = tzdata.IANA_VERSION
    system = _system_version()
    if system is None or _age(system) < _age(package):
        return Database(package, Path(tzdata.__file__).with_name("zoneinfo"))
    return Database(system, None)


def _system_version() -> str | None:
    """Return the version of the database that zoneinfo reads, where its folder says so."""
    for folder in zoneinfo.TZPATH:
        # tzdata.zi is the database as text, in most distributions; +VERSION is what macOS has.
        for name in ("tzdata.zi", "+VERSION"):
            try:
                with Path(folder, name).open("rb") as file:
                    match = _VERSION.search(file.read(40))
            except OSError:
                continue
            if match:
                return match[0].decode()
        if Path(folder, "UTC").exists():
            return None
    return None


def _age(version: str) -> tuple[int, int, str]:
    """Return what versions are compared by: after `2026z` comes `2026za`."""
    return int(version[:4]), len(version), version


@cache
def find_zone(name: str) -> ZoneInfo:
    """Return the zone of an IANA name, in any case (`europe/berlin`). Raises UnknownZone."""
    if len(name) > MAX_NAME:
        raise UnknownZone(name)
    if (zone := _load(name)) is not None:
        return zone
    known = _by_folded().get(name.casefold())
    if known is not None and (zone := _load(known)) is not None:
        return zone
    raise UnknownZone(name)


def _load(name: str) -> ZoneInfo | None:
    """Return the zone of exactly this name from the newest database, else from any other."""
    folder = database().folder
    try:
        if folder is not None and _NAME.fullmatch(name):
            with (folder / name).open("rb") as file:
                return ZoneInfo.from_file(file, key=name)
    except (ValueError, OSError):
        pass
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


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


_VERSION = re.compile(rb"\d{4}[a-z]+")
# No dots: the name becomes a path.
_NAME = re.compile(r"[A-Za-z0-9_+-]+(?:/[A-Za-z0-9_+-]+){0,2}")
