"""The zones to choose from: every clock in use has a city, and every zone a name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from babel import Locale

from gbook.service.page.language.zones import CITIES, all_zones, regions
from gbook.timeutil.zones import find_zone, iana_names

ENGLISH, GERMAN = Locale("en", "GB"), Locale("de")


def clock(name: str) -> Sequence[object]:
    """Return the offsets of a zone through a year."""
    zone, first = find_zone(name), datetime(2026, 1, 1, tzinfo=UTC)
    return tuple((first + timedelta(hours=6 * n)).astimezone(zone).utcoffset() for n in range(4 * 365))


def test_nearly_every_clock_has_a_city() -> None:
    """But for stations in the ice, and for what governments have changed since."""
    known = {clock(name) for name in CITIES}
    others = [name for name in all_zones() if clock(name) not in known]
    assert len(others) < len(all_zones()) / 50
    assert 60 < len(CITIES) < 80 and len({*CITIES}) == len(CITIES)


def test_all_zones_have_their_names() -> None:
    """Each is in the tz database, and none is there under two names."""
    assert all(find_zone(name).key == name for name in all_zones())
    assert len({*all_zones()}) == len(all_zones()) > 400
    assert "Europe/Kyiv" in all_zones() and "Europe/Kiev" not in all_zones()


@pytest.mark.parametrize("locale", [ENGLISH, GERMAN])
def test_cities_are_sorted_by_their_names(locale: Locale) -> None:
    """In the language of the guest, by regions; accents do not matter."""
    found = regions(locale, "UTC")
    assert [region.code for region in found] == [
        "Africa",
        "America",
        "Asia",
        "Atlantic",
        "Australia",
        "Europe",
        "",
    ]
    for region in found:
        names = [city.replace("ã", "a") for _, city in region.zones]
        assert names == sorted(names)


def test_names() -> None:
    """Of the guest's language; never the path of a zone."""
    english, german = (
        {key: city for region in regions(locale, "UTC", everything=True) for key, city in region.zones}
        for locale in (ENGLISH, GERMAN)
    )
    assert (english["Europe/Athens"], german["Europe/Athens"]) == ("Athens", "Athen")
    assert english["America/Argentina/Buenos_Aires"] == "Buenos Aires"
    assert not any("/" in city or "_" in city for city in (*english.values(), *german.values()))


@pytest.mark.parametrize("everything", [False, True])
def test_the_chosen_zone_is_there(everything: bool) -> None:
    """Once, whatever it is, and no other one of its region is called the same."""
    codes = {region.code for region in regions(ENGLISH, "UTC", everything=True)}
    for chosen in iana_names():
        found = regions(ENGLISH, chosen, everything=everything)
        assert [key for region in found for key, _ in region.zones].count(chosen) == 1
        for region in found:
            assert len({city for _, city in region.zones}) == len(region.zones), chosen
        assert {region.code for region in found} <= codes


def test_a_former_name_takes_the_place_of_the_zone() -> None:
    """Chromium names India's clock after Calcutta, and the guest finds it where Kolkata is."""
    (asia,) = (region for region in regions(ENGLISH, "Asia/Calcutta") if region.code == "Asia")
    assert [key for key, city in asia.zones if city == "Kolkata"] == ["Asia/Calcutta"]
    assert "Asia/Kolkata" not in dict(asia.zones)
    last = regions(GERMAN, "Etc/UTC")[-1]
    assert (last.code, last.zones) == ("", [("Etc/UTC", "UTC")])
