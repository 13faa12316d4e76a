"""A small team to try gbook on: five accounts in two zones, whose calendars have events around now.

The events are told relative to the monday of this week, so that the demo is never out of date.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from gbook.timeutil.instants import local
from gbook.timeutil.zones import find_zone

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from icalendar import Calendar

__all__ = ["demo_files"]

CONFIG = """\
# A small team to try gbook on. Paths are relative to this file.
defaultProfile: demo
timezone: America/New_York
primaryColor: "#303030"
secondaryColor: "#30A9EE"
accounts:
  - id: alice
    name: Alice Liddell
    email: alice@example.com
    timezone: America/New_York
    calendars:
      - calendars/alice.ics                  # the first is the primary one: bookings go there
      - {path: calendars/holidays.ics, blocking: always, readonly: true}
  - id: bob
    name: Bob Sawyer
    email: bob@example.com
    timezone: America/New_York
    calendars: [calendars/bob.ics]
  - id: carol
    name: Carol Kowalska
    email: carol@example.com
    timezone: Europe/Berlin
    calendars: [calendars/carol]             # a vdir: a folder with a file for each event
    workHours:
      timezone: Europe/Berlin
      daySchedules:
        - {dayOfWeek: monday, workingIntervals: [{start: "10:00", end: "19:00"}]}
        - {dayOfWeek: tuesday, workingIntervals: [{start: "10:00", end: "19:00"}]}
        - {dayOfWeek: wednesday, workingIntervals: [{start: "10:00", end: "19:00"}]}
        - {dayOfWeek: thursday, workingIntervals: [{start: "10:00", end: "19:00"}]}
        - {dayOfWeek: friday, workingIntervals: [{start: "10:00", end: "17:00"}]}
  - id: dieter
    name: Dieter Brandt
    email: dieter@example.com
    timezone: Europe/Berlin
    calendars: [calendars/dieter.ics]
  - id: room
    name: Meeting room
    email: room@example.com
    timezone: America/New_York
    calendars: [calendars/room.ics]
"""

DEMO = """\
# A product demo: Alice, and one of the sales team.
id: 1
name: demo
durationMinutes: 30
availabilityStep: 30
bufferBetweenMinutes: 10
startAfterMinutes: 60
timeAvailableFor: P14D
subject: "Demo for {{name}}"
description: "Looking forward to it. What you would like to see: {{comments}}"
location: Teleconference
workHours:
  timezone: America/New_York
  daySchedules:
    - {dayOfWeek: monday, workingIntervals: [{start: "09:00", end: "17:00"}]}
    - {dayOfWeek: tuesday, workingIntervals: [{start: "09:00", end: "17:00"}]}
    - {dayOfWeek: wednesday, workingIntervals: [{start: "09:00", end: "17:00"}]}
    - {dayOfWeek: thursday, workingIntervals: [{start: "09:00", end: "17:00"}]}
    - {dayOfWeek: friday, workingIntervals: [{start: "09:00", end: "15:00"}]}
accounts: [alice]
groups:
  - extId: sales
    accountIds: [bob, carol, dieter]
    required: one
additionalFields:
  - {name: comments, default: nothing special}
"""

REVIEW = """\
# A long meeting of everybody, in the room.
id: 2
name: review
durationMinutes: 60
availabilityStep: 15
timeAvailableFor: P4W
subject: Quarterly review
location: Meeting room
workHours:
  timezone: America/New_York
  daySchedules:
    - {dayOfWeek: tuesday, workingIntervals: [{start: "09:00", end: "13:00"}]}
    - {dayOfWeek: wednesday, workingIntervals: [{start: "09:00", end: "13:00"}]}
    - {dayOfWeek: thursday, workingIntervals: [{start: "09:00", end: "13:00"}]}
groups:
  - extId: everybody
    accountIds: [alice, bob, carol, dieter]
    required: all
  - extId: rooms
    accountIds: [room]
"""


class Happening(NamedTuple):
    """An event of the demo: `day` counts from this week's monday; without `at` it is all day."""

    summary: str
    day: int
    at: str | None = None
    minutes: int = 60
    rule: str | None = None
    status: str | None = None
    transparent: bool = False


# Two weeks back, so that series are under way.
SINCE = -14
TEAM: dict[str, tuple[str, tuple[Happening, ...]]] = {
    "alice": (
        "America/New_York",
        (
            Happening("Stand-up", SINCE, "09:30", 15, "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
            Happening("1:1 with Bob", SINCE + 1, "14:00", 30, "FREQ=WEEKLY"),
            Happening("Board meeting", 2, "13:00", 120),
            Happening("Dentist", 8, "09:00", 90),
            Happening("Conference call", 10, "15:00"),
        ),
    ),
    "holidays": ("America/New_York", (Happening("Office closed", 11),)),
    "bob": (
        "America/New_York",
        (
            Happening("Stand-up", SINCE, "09:30", 15, "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
            Happening("Pipeline review", SINCE + 3, "10:00", 60, "FREQ=WEEKLY"),
            Happening("Customer visit", 1, "09:00", 240),
            Happening("Training", 7, "13:00", 240),
            Happening("Birthday of Carol", 9, transparent=True),
        ),
    ),
    "carol": (
        "Europe/Berlin",
        (
            Happening("Deutschkurs", SINCE, "17:00", 90, "FREQ=WEEKLY;BYDAY=MO,WE"),
            Happening("Workshop", 3, "10:00", 300),
            Happening("Perhaps: lunch", 8, "12:30", 60, status="TENTATIVE"),
        ),
    ),
    "dieter": (
        "Europe/Berlin",
        (
            Happening("Jour fixe", SINCE + 1, "15:00", 60, "FREQ=WEEKLY;INTERVAL=2"),
            Happening("Urlaub", 4),
            Happening("Abnahme", 9, "14:00", 120),
        ),
    ),
    "room": (
        "America/New_York",
        (
            Happening("Yoga", SINCE, "12:00", 60, "FREQ=WEEKLY;BYDAY=MO,WE,FR"),
            Happening("Recruiting", 8, "09:00", 180),
        ),
    ),
}


def demo_files(now: int) -> dict[str, bytes]:
    """Return six calendars, two profiles and, last, gbook.yaml, by their paths in the workspace."""
    files: dict[str, bytes] = {}
    today = local(now, UTC).date()
    monday = today - timedelta(days=today.weekday())
    for name, (zone, happenings) in TEAM.items():
        if name == "carol":
            for i, happening in enumerate(happenings):
                calendar = _calendar(f"{name}-{i}", find_zone(zone), [happening], monday)
                files[f"calendars/carol/{name}-{i}.ics"] = calendar.to_ical()
        else:
            calendar = _calendar(name, find_zone(zone), happenings, monday)
            files[f"calendars/{name}.ics"] = calendar.to_ical()
    files["profiles/demo.yaml"] = DEMO.encode()
    files["profiles/review.yaml"] = REVIEW.encode()
    files["gbook.yaml"] = CONFIG.encode()
    return files


def _calendar(name: str, zone: ZoneInfo, happenings: Iterable[Happening], monday: date) -> Calendar:
    from icalendar import Calendar, Event, vRecur

    calendar = Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", "-//gbook//gbook demo//EN")
    for number, happening in enumerate(happenings):
        event = Event()
        event.add("UID", f"{name}-{number}-{monday:%Y%m%d}@demo.example.com")
        event.add("DTSTAMP", datetime.combine(monday, datetime.min.time(), UTC))
        start: date = monday + timedelta(days=happening.day)
        length = timedelta(days=1)
        if happening.at:
            hour, minute = map(int, happening.at.split(":"))
            start = datetime(start.year, start.month, start.day, hour, minute, tzinfo=zone)
            length = timedelta(minutes=happening.minutes)
        event.add("DTSTART", start)
        event.add("DTEND", start + length)
        event.add("SUMMARY", happening.summary)
        if happening.rule:
            event.add("RRULE", vRecur.from_ical(happening.rule))
        if happening.status:
            event.add("STATUS", happening.status)
        event.add("TRANSP", "TRANSPARENT" if happening.transparent else "OPAQUE")
        calendar.add_component(event)
    calendar.add_missing_timezones()
    return calendar
