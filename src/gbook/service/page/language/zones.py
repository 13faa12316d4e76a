"""The time zones that a guest can choose: a city for each clock in use, by region, or all zones."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from babel import Locale
from babel.core import get_global

from gbook.service.page.language.formats import city_of
from gbook.timeutil.zones import find_zone

__all__ = ["CITIES", "Region", "all_zones", "regions"]

# A city for each clock in use, and some more that many guests live in; as in the tz database.
CITIES = (
    *("Africa/Accra", "Africa/Cairo", "Africa/Casablanca", "Africa/Johannesburg", "Africa/Lagos"),
    *("Africa/Nairobi", "America/Adak", "America/Anchorage", "America/Argentina/Buenos_Aires"),
    *("America/Bogota", "America/Caracas", "America/Chicago", "America/Denver", "America/Edmonton"),
    *("America/Halifax", "America/Havana", "America/Los_Angeles", "America/Mexico_City"),
    *("America/Miquelon", "America/New_York", "America/Noronha", "America/Nuuk", "America/Phoenix"),
    *("America/Santiago", "America/Sao_Paulo", "America/St_Johns", "America/Toronto", "America/Vancouver"),
    *("America/Winnipeg", "Asia/Beirut", "Asia/Dhaka", "Asia/Dubai", "Asia/Gaza", "Asia/Jakarta"),
    *("Asia/Jerusalem", "Asia/Kabul", "Asia/Karachi", "Asia/Kathmandu", "Asia/Kolkata", "Asia/Riyadh"),
    *("Asia/Shanghai", "Asia/Singapore", "Asia/Tehran", "Asia/Tokyo", "Asia/Yangon", "Atlantic/Azores"),
    *("Atlantic/Cape_Verde", "Australia/Adelaide", "Australia/Brisbane", "Australia/Darwin"),
    *("Australia/Eucla", "Australia/Lord_Howe", "Australia/Perth", "Australia/Sydney", "Europe/Athens"),
    *("Europe/Berlin", "Europe/Istanbul", "Europe/London", "Europe/Madrid", "Europe/Paris"),
    *("Pacific/Apia", "Pacific/Auckland", "Pacific/Chatham", "Pacific/Easter", "Pacific/Fiji"),
    *("Pacific/Gambier", "Pacific/Honolulu", "Pacific/Kiritimati", "Pacific/Marquesas", "Pacific/Norfolk"),
    *("Pacific/Noumea", "Pacific/Pago_Pago", "Pacific/Pitcairn", "UTC"),
)
# Regions that are shown under the name of another one.
MERGED = {"Pacific": "Australia", "Etc": ""}


class Region(NamedTuple):
    """A part of the world, and its zones: pairs of IANA name and city, by city."""

    code: str
    zones: Sequence[tuple[str, str]]


def regions(locale: Locale, chosen: str, *, everything: bool = False) -> Sequence[Region]:
    """Return the zones to choose from; cities are named in a locale's language.

    The chosen one takes the place of the same zone under another name: browsers know some by former names.
    """
    names = all_zones() if everything else CITIES
    if chosen not in names:
        zone = _canonical(chosen)
        names = (*(name for name in names if _canonical(name) != zone), chosen)
    return _regions(locale, names)


def _canonical(name: str) -> str:
    """Return the name of a zone after which CLDR calls its city: Asia/Kolkata of Asia/Calcutta."""
    canonical: str = get_global("zone_aliases").get(name, name)
    return canonical


@lru_cache(maxsize=64)
def _regions(locale: Locale, names: tuple[str, ...]) -> Sequence[Region]:
    cities: dict[str, list[tuple[str, str]]] = {}
    for name in names:
        zone = _canonical(name)
        area = zone.partition("/")[0] if "/" in zone else ""
        cities.setdefault(MERGED.get(area, area), []).append((name, city_of(locale, find_zone(name))))
    return _sorted(cities)


def _sorted(cities: Mapping[str, Iterable[tuple[str, str]]]) -> Sequence[Region]:
    """Return regions by their codes, the one without a code last."""
    order = sorted(cities, key=lambda code: (not code, code))
    return tuple(Region(code, sorted(cities[code], key=lambda zone: _folded(zone[1]))) for code in order)


def _folded(text: str) -> str:
    """Return a text without accents and case, to sort by."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).casefold()


@cache
def all_zones() -> tuple[str, ...]:
    """Return the names of all zones in use: those of the tz database's table of countries, and UTC."""
    import tzdata

    table = Path(tzdata.__file__).with_name("zoneinfo") / "zone.tab"
    lines = table.read_text("utf-8").splitlines()
    return (*(line.split("\t")[2] for line in lines if line and not line.startswith("#")), "UTC")
