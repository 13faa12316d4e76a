"""The busy time of any calendar is that of a second, slow reader."""

from __future__ import annotations

import random
import re
from datetime import datetime, timedelta
from pathlib import Path

import icalendar
import pytest
import recurring_ical_events
from calendars.ics.test_values import zone as own_zone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.examples import scaled
from support.ics import EMAIL, vcalendar, vevent
from support.oracle_calendar import Interval, library_busy, oracle_busy

from gbook.calendars.busy.cached import ReadOptions
from gbook.calendars.busy.reader import read_busy
from gbook.errors import InvalidFile
from gbook.timeutil.instants import DAY

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
OWN = "Office"
ACCOUNT_ZONES = ["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "UTC"]
ZONES = ["", "Z", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "W. Europe Standard Time", OWN]
# Days before the clocks change, where the zones above have their changes.
EDGES = ["20260307", "20260327", "20261023", "20261030", "20260403", "20281230", "20240228"]


def read(data: bytes, zone: str, low: int, high: int) -> list[Interval]:
    return list(read_busy(data, ReadOptions(EMAIL, zone), low, high).busy.clip(low, high))


# ---------------------------------------------------------------------------------------------- generated


days = st.one_of(
    st.sampled_from(EDGES).map(lambda text: datetime.strptime(text, "%Y%m%d")),
    st.integers(0, 5000).map(lambda days: datetime(2016, 1, 1) + timedelta(days=days)),
)
clocks = st.sampled_from(
    [(0, 0), (0, 30), (1, 0), (1, 30), (2, 0), (2, 15), (2, 30), (3, 0), (9, 0), (23, 59)]
)
lengths = st.sampled_from(
    [
        *("PT1H", "PT24H", "P1D", "P1DT2H", "P1W", "PT0S", "PT90M"),
        *(timedelta(hours=1), timedelta(hours=24), timedelta(minutes=45), timedelta(days=2), timedelta(0)),
    ]
)
fates = st.sampled_from(
    [
        *("", "", "", "STATUS:CANCELLED", "TRANSP:TRANSPARENT", "STATUS:TENTATIVE"),
        *("X-MICROSOFT-CDO-BUSYSTATUS:FREE", f"ATTENDEE;PARTSTAT=DECLINED:mailto:{EMAIL}"),
    ]
)


def line(name: str, wall: datetime, zone: str, parameters: str = "") -> str:
    """Return a property with a date-time in a zone; the zone `date` makes it a date."""
    if zone == "date":
        return f"{name};VALUE=DATE{parameters}:{wall:%Y%m%d}"
    tzid = f';TZID="{zone}"' if zone not in ("", "Z") else ""
    return f"{name}{tzid}{parameters}:{wall:%Y%m%dT%H%M%S}{'Z' if zone == 'Z' else ''}"


def lasting(draw: st.DrawFn, start: datetime, zone: str) -> list[str]:
    length = draw(lengths)
    if isinstance(length, str):
        return [f"DURATION:{length}"] if zone != "date" or "T" not in length else []
    assert isinstance(length, timedelta)
    if zone == "date":
        length = timedelta(days=max(1, length.days))
    return [line("DTEND", start + length, zone)]


@st.composite
def rules(draw: st.DrawFn, start: datetime, zone: str) -> str:
    """Draw a rule that dateutil can expand in reasonable time."""
    frequencies = ["YEARLY", "MONTHLY", "WEEKLY", "DAILY"] + ([] if zone == "date" else ["HOURLY"])
    frequency = draw(st.sampled_from(frequencies))
    parts = {"FREQ": frequency}
    if frequency == "HOURLY":
        parts["INTERVAL"] = str(draw(st.integers(5, 50)))
    elif draw(st.booleans()):
        parts["INTERVAL"] = str(draw(st.integers(1, 5)))
    weekdays = st.lists(st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"]), min_size=1, unique=True)
    extra = draw(
        st.sampled_from(["", "", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "nth", "week", "BYYEARDAY"])
    )
    if extra in ("BYDAY", "BYSETPOS"):
        parts["BYDAY"] = ",".join(draw(weekdays))
    if extra == "BYSETPOS" and frequency in ("YEARLY", "MONTHLY"):
        parts["BYSETPOS"] = draw(st.sampled_from(["1", "-1", "2", "1,-1"]))
    if extra == "BYMONTHDAY" and frequency != "WEEKLY":
        parts["BYMONTHDAY"] = draw(
            st.sampled_from(["1", "-1", "15", "13,28", "31" if frequency == "MONTHLY" else "2"])
        )
    if extra == "BYMONTH":
        parts["BYMONTH"] = draw(st.sampled_from(["3", "10", "3,10,11", "1,2,3,4,5,6,7,8,9,10,11,12"]))
    if extra == "nth" and frequency in ("YEARLY", "MONTHLY"):
        parts["BYDAY"] = draw(st.sampled_from(["1MO", "-1SU", "2TU,-2FR", "1SU,3WE"]))
    if extra == "week" and frequency == "YEARLY":
        parts |= {
            "BYWEEKNO": draw(st.sampled_from(["1", "10", "44", "53", "-1"])),
            "BYDAY": draw(st.sampled_from(["MO", "SU"])),
        }
    if extra == "BYYEARDAY" and frequency == "YEARLY":
        parts["BYYEARDAY"] = draw(st.sampled_from(["1", "-1", "87", "300,304,366"]))
    if draw(st.booleans()):
        parts["WKST"] = draw(st.sampled_from(["MO", "SU", "WE"]))
    end = draw(st.sampled_from(["", "", "COUNT", "UNTIL", "UNTIL"]))
    if end == "COUNT":
        parts["COUNT"] = str(draw(st.integers(1, 700)))
    if end == "UNTIL":
        until = start + timedelta(days=draw(st.integers(0, 4000)), hours=draw(st.sampled_from([0, 0, -1, 1])))
        form = (
            "%Y%m%d"
            if zone == "date"
            else draw(st.sampled_from(["%Y%m%dT%H%M%SZ", "%Y%m%d", "%Y%m%dT%H%M%S"]))
        )
        parts["UNTIL"] = until.strftime(form)
    return "RRULE:" + ";".join(f"{key}={value}" for key, value in parts.items())


@st.composite
def events(draw: st.DrawFn, name: int, zones: list[str], *, plain: bool) -> list[str]:
    """Draw a single event, or a series with its overrides."""
    zone = draw(st.sampled_from(zones))
    day, (hour, minute) = draw(days), draw(clocks)
    start = day if zone == "date" else day.replace(hour=hour, minute=minute)
    uid = f"UID:{name}"
    master = [uid, line("DTSTART", start, zone), *lasting(draw, start, zone), draw(fates)]
    if draw(st.booleans()):
        return [vevent(*filter(None, master))]
    if draw(st.integers(0, 9)):
        master.append(draw(rules(start, zone)))
    near = st.sampled_from([0, 1, 2, 3, 7, 14, 21, 28, 30, 31, 61, 365]).map(
        lambda n: start + timedelta(days=n)
    )
    for added in draw(st.lists(st.sampled_from(["EXDATE", "EXDATE", "RDATE"]), max_size=3)):
        if zone == "date" or plain:
            other = zone
        elif added == "EXDATE":
            other = draw(st.sampled_from([zone, zone, *zones, "date"]))
        else:
            other = draw(st.sampled_from([zone, *(one for one in zones if one != "date")]))
        master.append(line(added, draw(near), other))
    parts = [vevent(*filter(None, master))]
    # The library ignores overrides of excluded instances, and all but one override of the same instance.
    far = st.sampled_from([4, 5, 6, 35, 62]).map(lambda n: start + timedelta(days=n))
    for identity in draw(st.lists(far if plain else near, max_size=2, unique=plain)):
        hours = draw(st.sampled_from([0, 1, 24, -48, 500])) * (24 if zone == "date" else 1)
        moved = identity + timedelta(hours=hours)
        future = ";RANGE=THISANDFUTURE" if not plain and draw(st.integers(0, 3)) == 0 else ""
        body = [line("RECURRENCE-ID", identity, zone, future), line("DTSTART", moved, zone)]
        parts.append(vevent(uid, *body, *lasting(draw, moved, zone), *filter(None, [draw(fates)])))
    return draw(st.permutations(parts))


@st.composite
def calendars(draw: st.DrawFn, zones: list[str], *, plain: bool = False) -> bytes:
    """Draw a file of some events and series, with a VTIMEZONE before or after them."""
    # The library does not let two events of one UID both block.
    names = draw(st.lists(st.integers(0, 5), min_size=1, max_size=4, unique=plain))
    parts = [part for name in names for part in draw(events(name, zones, plain=plain))]
    if any(OWN in part for part in parts):
        parts.insert(draw(st.sampled_from([0, len(parts)])), own_zone(OWN))
    if not plain and draw(st.booleans()):
        parts.insert(0, "X-WR-TIMEZONE:Asia/Tokyo")
    return vcalendar(*parts)


@st.composite
def windows(draw: st.DrawFn) -> tuple[int, int]:
    """Draw a window of an hour to a year, around the dates above, rarely decades ahead."""
    year = draw(st.sampled_from([None, None, None, None, None, None, 2045]))
    day = draw(days) if year is None else datetime(year, 3, 1)
    low = int((day - datetime(1970, 1, 1)).total_seconds()) + draw(st.sampled_from([0, -DAY, 3600, 5 * DAY]))
    return low, low + draw(st.sampled_from([3600, DAY, 7 * DAY, 60 * DAY, 400 * DAY]))


@pytest.mark.slow
@settings(max_examples=scaled(100), deadline=None, suppress_health_check=SLOW)
@given(calendars([*ZONES, "date"]), st.sampled_from(ACCOUNT_ZONES), windows())
def test_generated_calendars_match_the_oracle(data: bytes, zone: str, window: tuple[int, int]) -> None:
    """The busy time of any window, to the second."""
    assert read(data, zone, *window) == oracle_busy(data, zone, *window, EMAIL)


@settings(max_examples=scaled(100), deadline=None, suppress_health_check=SLOW)
@given(calendars([*ZONES, "date"]), st.sampled_from(ACCOUNT_ZONES), windows(), st.integers(0, 900))
def test_a_wider_window_has_the_same_busy_time(
    data: bytes, zone: str, window: tuple[int, int], wider: int
) -> None:
    """The scan skips no event that a wider window finds in the narrow one."""
    low, high = window
    around = read_busy(data, ReadOptions(EMAIL, zone), low - wider * DAY, high + wider * DAY)
    assert read(data, zone, low, high) == list(around.busy.clip(low, high))


@settings(max_examples=scaled(100), deadline=None, suppress_health_check=SLOW)
@given(calendars(["Z"], plain=True), windows())
def test_recurring_ical_events_agrees_in_utc(data: bytes, window: tuple[int, int]) -> None:
    """Without changes of the clock the library gives the same busy time."""
    data = (
        data.replace(b"STATUS:CANCELLED", b"X-A:").replace(b"TRANSP:TRANS", b"X-B:").replace(b"X-MICR", b"X-")
    )
    data = data.replace(b"ATTENDEE", b"X-ATTENDEE")
    # For the library, UNTIL as a date is its midnight; for gbook it is the whole day.
    data = re.sub(rb"(UNTIL=\d{8})(?=[;\r])", rb"\1T235959Z", data)
    assert read(data, "UTC", *window) == library_busy(data, *window)


@settings(max_examples=scaled(40), deadline=None, suppress_health_check=SLOW)
@given(calendars([*ZONES, "date"]), windows(), st.randoms(use_true_random=False))
def test_form_does_not_matter(data: bytes, window: tuple[int, int], chance: random.Random) -> None:
    """Folds and line endings do not change the busy time."""
    folded = b""
    for text in data.split(b"\r\n"):
        for octet in [text[n : n + 1] for n in range(len(text))]:
            folded += octet + (b"\r\n" + chance.choice([b" ", b"\t"]) if chance.random() < 0.05 else b"")
        folded += chance.choice([b"\r\n", b"\n"])
    assert read(folded, "Europe/Berlin", *window) == read(data, "Europe/Berlin", *window)


# ---------------------------------------------------------------------------------------------- in the wild


PACKAGES = [Path(module.__file__ or "").parent for module in (icalendar, recurring_ical_events)]
WILD = {str(path.relative_to(root.parent)): path for root in PACKAGES for path in sorted(root.rglob("*.ics"))}


# Files that gbook can read and this oracle cannot.
READABLE = {"icalendar/tests/calendars/broken_ical.ics"}
# Files that the library and this oracle read differently from gbook.
DEVIATIONS = {
    # A DURATION of 10**18 weeks (§3.3.6) has no end on any clock: a day is blocked, with a warning.
    "icalendar/tests/calendars/invalid_duration.ics": "malformed_event",
    # Unreadable rules, non-Gregorian rules, invalid dates: all later time is busy.
    "icalendar/tests/calendars/issue_1081_invalid_rrule_freq.ics": "malformed_event",
    "icalendar/tests/calendars/rfc_7529.ics": "malformed_event",
    "icalendar/tests/calendars/multiple_timezones.ics": "malformed_event",
    "recurring_ical_events/test/calendars/bad_rrule_missing_until_event.ics": "malformed_event",
}


def test_there_are_calendars_in_the_wild() -> None:
    """The libraries ship their tests' calendars; a release without them would make the next test empty."""
    assert len(WILD) > 100


@pytest.mark.parametrize("name", [name for name in DEVIATIONS if name in WILD])
def test_a_deviation_from_other_programs_is_a_warning(name: str) -> None:
    """If gbook reads an event differently, it says so."""
    found = read_busy(WILD[name].read_bytes(), ReadOptions(EMAIL, "UTC"), 1_600_000_000, 1_800_000_000)
    assert {note.code for note in found.diagnostics} == {DEVIATIONS[name]}


# Seconds each, because the oracle walks long series instance by instance.
LONG = {
    "icalendar/tests/calendars/rfc_7953_3.ics",
    "icalendar/tests/calendars/issue_466_respect_unique_timezone.ics",
    "recurring_ical_events/test/calendars/daylight_saving_time.ics",
    "recurring_ical_events/test/calendars/machbar_16_feb_2019.ics",
    *(
        name
        for name in WILD
        if re.search(r"/(one_day_event_repeat_ever|issue_173_only_mod|issue_243_recur)", name)
    ),
}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.slow] * (name in LONG))
        for name in sorted(WILD.keys() - DEVIATIONS - READABLE)
    ],
)
def test_calendars_of_many_programs_match_the_oracle(name: str) -> None:
    """Real files with all their faults: the same busy time, or both refuse the file."""
    data = WILD[name].read_bytes()
    chance = random.Random(name)
    for _ in range(4):
        low = chance.randrange(1_000_000_000, 1_900_000_000)
        high = low + chance.choice([DAY, 30 * DAY, 400 * DAY, 9000 * DAY])
        try:
            found = read(data, "Europe/Berlin", low, high)
        except InvalidFile as error:
            assert "\n" not in error.message  # noqa: PT017  # it may be refused, or not
            return
        assert found == oracle_busy(data, "Europe/Berlin", low, high, EMAIL)
