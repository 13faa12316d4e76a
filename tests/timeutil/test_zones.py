"""Time zones by name, from the newest tz database on the machine."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import tzdata

from gbook.timeutil import zones

BERLIN = (Path(tzdata.__file__).parent / "zoneinfo/Europe/Berlin").read_bytes()
TOKYO = (Path(tzdata.__file__).parent / "zoneinfo/Asia/Tokyo").read_bytes()
HOUR = timedelta(hours=1)


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A system's database in which Berlin has the time of Tokyo."""
    (tmp_path / "Europe").mkdir()
    (tmp_path / "Europe/Berlin").write_bytes(TOKYO)
    (tmp_path / "UTC").write_bytes(TOKYO)
    known = zoneinfo.TZPATH
    for cached in (zones.database, zones.find_zone):
        cached.cache_clear()
    zoneinfo.ZoneInfo.clear_cache()
    zoneinfo.reset_tzpath([str(tmp_path)])
    yield tmp_path
    zoneinfo.reset_tzpath(known)
    for cached in (zones.database, zones.find_zone):
        cached.cache_clear()
    zoneinfo.ZoneInfo.clear_cache()


def hours_of_berlin() -> float:
    offset = zones.find_zone("Europe/Berlin").utcoffset(datetime(2026, 1, 1))
    assert offset is not None
    return offset / HOUR


@pytest.mark.parametrize(
    ("file", "text", "package", "expected"),
    [
        ("tzdata.zi", "# version 2025b\n# This zic input file", "2026c", 1),
        ("tzdata.zi", "# version 2026c\n", "2026b", 9),
        ("tzdata.zi", "# version 2026c\n", "2026c", 9),
        ("tzdata.zi", "# version 2026c-dirty\n", "2026d", 1),
        ("tzdata.zi", "# version 2009za\n", "2009u", 9),
        ("+VERSION", "2025b\n", "2026c", 1),
        ("+VERSION", "2026d", "2026c", 9),
        ("leapseconds", "# nothing of a version\n", "2026c", 1),
    ],
)
def test_the_newer_database_counts(
    system: Path, monkeypatch: pytest.MonkeyPatch, file: str, text: str, package: str, expected: float
) -> None:
    """It is the system's unless the tzdata package is newer, or the version of the system's is unknown."""
    (system / file).write_text(text)
    monkeypatch.setattr(tzdata, "IANA_VERSION", package)
    assert hours_of_berlin() == expected
    assert zones.find_zone("europe/berlin").key == "Europe/Berlin"


def test_a_name_of_the_system_alone(system: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A zone that the newer database lacks is found in the other one."""
    (system / "Europe/Erewhon").write_bytes(TOKYO)
    monkeypatch.setattr(tzdata, "IANA_VERSION", "2099a")
    assert zones.find_zone("Europe/Erewhon").utcoffset(datetime(2026, 1, 1)) == 9 * HOUR


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "Europe", "Europe/", "", ".", "a/../b", "zone.tab"]
)
def test_no_name_leads_out_of_the_database(system: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A name becomes a path, and only a path inside the database is opened."""
    monkeypatch.setattr(tzdata, "IANA_VERSION", "2099a")
    with pytest.raises(zones.UnknownZone):
        zones.find_zone(name)


@pytest.mark.parametrize("name", ["Factory", "factory", "localtime", "posixrules"])
def test_settings_of_a_machine_are_no_zones(name: str) -> None:
    """They are files of the database like zones, and differ from one machine to the next."""
    assert name not in zones.iana_names()
    with pytest.raises(zones.UnknownZone):
        zones.find_zone(name)


@pytest.mark.parametrize("name", ["posix/Europe/Berlin", "right/Europe/Berlin"])
def test_a_copy_of_the_database_has_the_same_zones(name: str) -> None:
    """By their own names, and without the leap seconds of `right`."""
    assert zones.find_zone(name) is zones.find_zone("Europe/Berlin")
    assert name not in zones.iana_names()
