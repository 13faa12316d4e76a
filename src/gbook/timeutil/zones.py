"""Time zones by name, from the newest tz database on the machine; an unknown name gets a suggestion.

Zones are `zoneinfo` objects, identified by their IANA names. `zoneinfo` prefers the system's database, which
may be years older than the tzdata package, and governments change clocks at short notice.
"""

from __future__ import annotations

import os
import re
import zoneinfo
from functools import cache, lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

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
# What a database has beside zones: settings of a machine, and copies of itself for clocks with other seconds.
SETTINGS = ("Factory", "localtime", "posixrules")
COPIES = ("posix/", "right/")


class UnknownZone(ValueError):
    """No zone has that name; the message ends with the nearest name, if there is one."""

    def __str__(self) -> str:
        # Only now, because the search is slow: a calendar can have thousands of unknown names.
        (name,) = self.args
        near = did_you_mean(name, iana_names()) if len(name) <= MAX_NAME else ""
        return f"unknown time zone {name[:MAX_NAME]!r}{near}"


class Database(msgspec.Struct, frozen=True):
    """A tz database: its version (`2026c`), and its folder, None if it is the one that zoneinfo uses."""

    version: str
    folder: Path | None


@cache
def database() -> Database:
    """Return the newest tz database: the system's or that of the tzdata package.

    A system database of unknown version counts as older.
    """
    import tzdata

    package = tzdata.IANA_VERSION
    system = _system_version()
    if system is None or _age(system) < _age(package):
        return Database(package, Path(tzdata.__file__).with_name("zoneinfo"))
    return Database(system, None)


def _system_version() -> str | None:
    """Return the version of the database that zoneinfo uses, None if it is unknown."""
    for folder in zoneinfo.TZPATH:
        # Most distributions have tzdata.zi, the database as text; macOS has +VERSION.
        for name in ("tzdata.zi", "+VERSION"):
            try:
                with Path(folder, name).open("rb") as file:
                    match = re.search(_VERSION, file.read(40))
            except OSError:
                continue
            if match:
                return match[0].decode()
        if Path(folder, "UTC").exists():
            return None
    return None


def _age(version: str) -> tuple[int, int, str]:
    """Return the sort key of a version: `2026za` comes after `2026z`."""
    return int(version[:4]), len(version), version


@lru_cache(maxsize=1024)
def find_zone(name: str) -> ZoneInfo:
    """Return the zone of an IANA name, upper or lower case (`europe/berlin`). Raises UnknownZone.

    A name in a copy of the database (`posix/Europe/Berlin`) is that of the same zone.
    """
    if len(name) > MAX_NAME or name in SETTINGS:
        raise UnknownZone(name)
    if name.startswith(COPIES):
        return find_zone(name.partition("/")[2])
    if (zone := _load(name)) is not None:
        return zone
    known = _by_folded().get(name.casefold())
    if known is not None and (zone := _load(known)) is not None:
        return zone
    raise UnknownZone(name)


def _load(name: str) -> ZoneInfo | None:
    """Return the zone of exactly this name, from the newest database if it has it; None if unknown."""
    folder = database().folder
    try:
        if folder is not None and re.fullmatch(_NAME, name):
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
    """Return the names of all zones, without the settings of a machine and copies."""
    from zoneinfo import available_timezones

    others = (*COPIES, "SystemV/")
    return {name for name in available_timezones() if name not in SETTINGS and not name.startswith(others)}


def system_zone() -> ZoneInfo:
    """Return the zone of the machine: $TZ, else the zone of the system, else UTC."""
    return known_system_zone() or find_zone("UTC")


def known_system_zone() -> ZoneInfo | None:
    """Return the zone of the machine; None if it has no name in the tz database."""
    if name := os.environ.get("TZ"):
        try:
            return find_zone(name.lstrip(":"))
        except UnknownZone:
            # A rule such as CET-1CEST,M3.5.0,M10.5.0/3 has no name; the zone of a file may have one.
            if not name.lstrip(":").startswith("/"):
                return None
    import tzlocal

    try:
        system = tzlocal.get_localzone_name()
        return find_zone(system) if system else None
    except (UnknownZone, LookupError):
        return None


# Compiled at the first use: a query needs only one of them.
_VERSION = rb"\d{4}[a-z]+"
# Without dots: the name becomes part of a path.
_NAME = r"[A-Za-z0-9_+-]+(?:/[A-Za-z0-9_+-]+){0,2}"
