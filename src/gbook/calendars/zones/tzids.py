"""Find the zones of TZID (RFC 5545 §3.2.19) and X-WR-TIMEZONE in all forms that programs write.

`iana_zone` knows unambiguous names of the tz database; `alias_zone` knows names that a file may define
differently: abbreviations, Windows names, offsets, and the descriptions that Windows shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache, lru_cache

from gbook.calendars.ics.content_lines import text_value
from gbook.timeutil.zones import UnknownZone, find_zone, iana_names

__all__ = ["alias_zone", "iana_zone", "stated_offset", "tzid_key"]


# No meaningful name is longer.
MAX_LENGTH = 256


def tzid_key(tzid: str) -> str:
    """Return a key that an identifier shares with its definition, however they are quoted or escaped."""
    key = tzid.replace("^'", "").replace('"', "").strip()
    if "\\" in key:
        key = text_value(key).rstrip("\\")
    # Some programs quote the parameters after it too.
    return _PARAMETERS.sub("", key).strip().casefold()


@lru_cache(maxsize=1024)
def iana_zone(tzid: str) -> tzinfo | None:
    """Return the zone of a name such as Europe/Berlin, also with a prefix (§3.8.3.1) or withdrawn."""
    name = _PARAMETERS.sub("", tzid.replace("\\", "").strip(" \t\"'")).replace(" ", "_")
    # /freeassociation.sourceforge.net/Europe/Berlin; names of the tz database have at most three parts.
    parts = name.strip("/").split("/")
    for first in range(max(0, len(parts) - 3), len(parts) - 1) if name.startswith("/") else (0,):
        whole = "/".join(parts[first:])
        if "/" in whole and (zone := _find(_WITHDRAWN.get(whole.casefold(), whole))):
            return zone
    return None


@lru_cache(maxsize=1024)
def alias_zone(tzid: str) -> tzinfo | None:
    """Return the zone of an abbreviation, a Windows name, an offset, or a description that Windows shows."""
    if len(tzid) > MAX_LENGTH:
        return None
    name = tzid_key(tzid).removeprefix("tzone://microsoft/").rsplit("/", 1)[-1].strip()
    if name in {"utc", "gmt", "z"}:
        return UTC
    if match := re.fullmatch(_OFFSET, name):
        return _fixed(match)
    windows = _windows_names().get(name.replace(" daylight time", " standard time"))
    return _find(windows or name) or _described(name)


def stated_offset(tzid: str) -> tzinfo | None:
    """Return the offset in a name such as `(UTC+01:00) Somewhere`; its clock changes are unknown."""
    match = re.fullmatch(_DESCRIPTION, tzid_key(tzid))
    return _fixed(match) if match and match[1] else None


def _find(name: str) -> tzinfo | None:
    try:
        return find_zone(name)
    except UnknownZone:
        return None


def _fixed(match: re.Match[str]) -> tzinfo | None:
    """Return the offset of sign, hours and minutes; east is plus, unlike in Etc/GMT+5."""
    offset = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
    if offset > timedelta(hours=15):
        return None
    return timezone(-offset if match[1] == "-" else offset)


@cache
def _windows_names() -> dict[str, str]:
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    return {name.casefold(): zone for name, zone in (_LATER_WITHDRAWN | WINDOWS_TO_OLSON).items()}


def _described(name: str) -> tzinfo | None:
    """Return the zone of a description by its places; the zone must have the offset stated in it, if any."""
    match = re.fullmatch(_DESCRIPTION, name)
    if match is None:
        return None
    if not name.startswith("("):
        return _find(_places_known().get(match[4], ""))
    stated = _fixed(match) if match[1] else UTC
    named = [_find(_places_known().get(place.strip(), "")) for place in _places(match[4])]
    zones = [zone for zone in named if zone is not None]
    # Prefer a place that still has the offset to one that had it when Windows made the name.
    for years in (range(2030, 2031), range(2000, 2031)):
        for zone in zones:
            if stated is not None and stated.utcoffset(None) in _offsets(zone, years):
                return zone
    return None


def _places(text: str) -> Iterator[str]:
    """Yield a whole description, then each of its places, with and without a part in brackets."""
    yield text
    for place in re.split("[,;]", text):
        yield place.strip().removeprefix("city of ")
        yield place.partition("(")[0]


@cache
def _places_known() -> dict[str, str]:
    """Return zones by place in lower case: cities of the tz database, other places that Windows names."""
    cities = {
        name.rpartition("/")[2].replace("_", " ").casefold(): name
        for name in sorted(iana_names())
        if name.partition("/")[0] in _AREAS
    }
    return cities | _OTHER_PLACES


def _offsets(zone: tzinfo, years: Iterable[int]) -> set[timedelta | None]:
    return {datetime(year, month, 1, tzinfo=zone).utcoffset() for year in years for month in (1, 7)}


_PARAMETERS = re.compile(r";[A-Za-z-]+=.*")
# Compiled at the first use: most zones have names of the tz database.
_OFFSET = r"(?a)\(?(?:utc|gmt)?\s*([+-])\s*(\d{1,2})(?::?([0-5]\d))?\)?"
_DESCRIPTION = r"(?as)(?:\((?:utc|gmt)\s*(?:([+-])\s*(\d{1,2})(?::?([0-5]\d))?)?\)\s*)?(.*)"
_AREAS = frozenset(
    "Africa America Antarctica Asia Atlantic Australia Europe Indian Pacific".split()  # noqa: SIM905
)
# Former names of the tz database with the zones that they were links to (`backward`, `systemv`, `solar87`).
_WITHDRAWN = {
    "us/pacific-new": "America/Los_Angeles",
    "canada/east-saskatchewan": "America/Regina",
    "asia/riyadh87": "Asia/Riyadh",
    "asia/riyadh88": "Asia/Riyadh",
    "asia/riyadh89": "Asia/Riyadh",
    "mideast/riyadh87": "Asia/Riyadh",
    "mideast/riyadh88": "Asia/Riyadh",
    "mideast/riyadh89": "Asia/Riyadh",
    "systemv/ast4adt": "America/Halifax",
    "systemv/est5edt": "America/New_York",
    "systemv/cst6cdt": "America/Chicago",
    "systemv/mst7mdt": "America/Denver",
    "systemv/pst8pdt": "America/Los_Angeles",
    "systemv/yst9ydt": "America/Anchorage",
    "systemv/ast4": "America/Puerto_Rico",
    "systemv/est5": "America/Panama",
    "systemv/cst6": "America/Regina",
    "systemv/mst7": "America/Phoenix",
    "systemv/pst8": "Pacific/Pitcairn",
    "systemv/yst9": "Pacific/Gambier",
    "systemv/hst10": "Pacific/Honolulu",
}
# Names of Windows that CLDR has dropped from its list.
_LATER_WITHDRAWN = {
    "Kamchatka Standard Time": "Asia/Kamchatka",
    "Mid-Atlantic Standard Time": "Etc/GMT+2",
    "Armenian Standard Time": "Asia/Yerevan",
    "Mexico Standard Time": "America/Mexico_City",
    "Mexico Standard Time 2": "America/Mazatlan",
}
# Places in Windows descriptions that are not cities of the tz database.
_OTHER_PLACES = {
    "abu dhabi": "Asia/Dubai",
    "alaska": "America/Anchorage",
    "aleutian islands": "America/Adak",
    "arizona": "America/Phoenix",
    "astana": "Asia/Almaty",
    "atlantic time (canada)": "America/Halifax",
    "baja california": "America/Tijuana",
    "beijing": "Asia/Shanghai",
    "bern": "Europe/Zurich",
    "bougainville island": "Pacific/Bougainville",
    "brasilia": "America/Sao_Paulo",
    "cabo verde is.": "Atlantic/Cape_Verde",
    "cape verde is.": "Atlantic/Cape_Verde",
    "central america": "America/Guatemala",
    "central time (us & canada)": "America/Chicago",
    "chatham islands": "Pacific/Chatham",
    "chennai": "Asia/Kolkata",
    "coordinated universal time": "Etc/UTC",
    "easter island": "Pacific/Easter",
    "eastern time (us & canada)": "America/New_York",
    "edinburgh": "Europe/London",
    "ekaterinburg": "Asia/Yekaterinburg",
    "greenland": "America/Nuuk",
    "greenwich mean time": "Etc/UTC",
    "haiti": "America/Port-au-Prince",
    "hanoi": "Asia/Bangkok",
    "hawaii": "Pacific/Honolulu",
    "indiana (east)": "America/Indiana/Indianapolis",
    "international date line west": "Etc/GMT+12",
    "islamabad": "Asia/Karachi",
    "kiritimati island": "Pacific/Kiritimati",
    "kyiv": "Europe/Kiev",
    "lord howe island": "Australia/Lord_Howe",
    "marquesas islands": "Pacific/Marquesas",
    "marshall is.": "Pacific/Majuro",
    "midway island": "Pacific/Midway",
    "mountain time (us & canada)": "America/Denver",
    "mumbai": "Asia/Kolkata",
    "new caledonia": "Pacific/Noumea",
    "new delhi": "Asia/Kolkata",
    "newfoundland": "America/St_Johns",
    "norfolk island": "Pacific/Norfolk",
    "nuku'alofa": "Pacific/Tongatapu",
    "osaka": "Asia/Tokyo",
    "pacific time (us & canada)": "America/Los_Angeles",
    "petropavlovsk-kamchatsky": "Asia/Kamchatka",
    "pretoria": "Africa/Johannesburg",
    "saint pierre and miquelon": "America/Miquelon",
    "salvador": "America/Bahia",
    "saskatchewan": "America/Regina",
    "solomon is.": "Pacific/Guadalcanal",
    "sri jayawardenepura": "Asia/Colombo",
    "turks and caicos": "America/Grand_Turk",
    "wellington": "Pacific/Auckland",
    "west central africa": "Africa/Lagos",
    "yukon": "America/Whitehorse",
}
