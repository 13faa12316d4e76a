"""The demo: five accounts in two zones, with events around the current date.

Events are dated relative to the Monday of the current week, so the demo never goes out of date.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from gbook import PRODID
from gbook.timeutil.instants import local
from gbook.timeutil.zones import find_zone

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from icalendar import Calendar, Event

__all__ = ["demo_files"]

CONFIG = """\
# A small team for trying out gbook. Paths are relative to this file.
defaultProfile: demo
timezone: America/New_York
primaryColor: "#303030"
secondaryColor: "#30A9EE"
serve: {name: Sales team}                  # as guests of `gbook serve` see it
accounts:
  - id: alice
    number: 1
    name: Alice Liddell
    email: alice@example.com
    timezone: America/New_York
    calendars:
      - calendars/alice.ics                  # the first is the primary one: bookings go there
      - {path: calendars/holidays.ics, blocking: always, readonly: true}
  - id: bob
    number: 2
    name: Bob Sawyer
    email: bob@example.com
    timezone: America/New_York
    calendars: [calendars/bob.ics]
  - id: carol
    number: 3
    name: Carol Kowalska
    email: carol@example.com
    timezone: Europe/Berlin
    calendars: [calendars/carol]             # a vdir: a folder with one file per event
    workHours:
      timezone: Europe/Berlin
      daySchedules:
        - {dayOfWeek: monday, workingIntervals: [{start: "10:00", end: "19:00"}]}
        - {dayOfWeek: tuesday, workingIntervals: [{start: "10:00", end: "19:00"}]}
        - {dayOfWeek: wednesday, workingIntervals: [{start: "10:00", end: "19:00"}]}
        - {dayOfWeek: thursday, workingIntervals: [{start: "10:00", end: "19:00"}]}
        - {dayOfWeek: friday, workingIntervals: [{start: "10:00", end: "17:00"}]}
  - id: dieter
    number: 4
    name: Dieter Brandt
    email: dieter@example.com
    timezone: Europe/Berlin
    calendars: [calendars/dieter.ics]
  - id: room
    number: 5
    name: Meeting room
    email: room@example.com
    timezone: America/New_York
    calendars: [calendars/room.ics]
"""

DEMO = """\
# A product demo with Alice and one member of the sales team.
id: 1
name: demo
title: Product demo
public: true                               # its booking page is at /b/demo of `gbook serve`
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
# A long meeting of the whole team, in the meeting room.
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


class DemoEvent(NamedTuple):
    """An event of the demo: `day` counts from the Monday of this week; without `at` it is all-day."""

    summary: str
    day: int
    at: str | None = None
    minutes: int = 60
    rule: str | None = None
    status: str | None = None
    transparent: bool = False


# Days from this Monday to the start of most series: they are already running.
SINCE = -14
TEAM: dict[str, tuple[str, tuple[DemoEvent, ...]]] = {
    "alice": (
        "America/New_York",
        (
            DemoEvent("Stand-up", SINCE, "09:30", 15, "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
            DemoEvent("1:1 with Bob", SINCE + 1, "14:00", 30, "FREQ=WEEKLY"),
            DemoEvent("Board meeting", 2, "13:00", 120),
            DemoEvent("Dentist", 8, "09:00", 90),
            DemoEvent("Conference call", 10, "15:00"),
        ),
    ),
    "holidays": ("America/New_York", (DemoEvent("Office closed", 11),)),
    "bob": (
        "America/New_York",
        (
            DemoEvent("Stand-up", SINCE, "09:30", 15, "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
            DemoEvent("Pipeline review", SINCE + 3, "10:00", 60, "FREQ=WEEKLY"),
            DemoEvent("Customer visit", 1, "09:00", 240),
            DemoEvent("Training", 7, "13:00", 240),
            DemoEvent("Birthday of Carol", 9, transparent=True),
        ),
    ),
    "carol": (
        "Europe/Berlin",
        (
            DemoEvent("Deutschkurs", SINCE, "17:00", 90, "FREQ=WEEKLY;BYDAY=MO,WE"),
            DemoEvent("Workshop", 3, "10:00", 300),
            DemoEvent("Perhaps: lunch", 8, "12:30", 60, status="TENTATIVE"),
        ),
    ),
    "dieter": (
        "Europe/Berlin",
        (
            DemoEvent("Jour fixe", SINCE + 1, "15:00", 60, "FREQ=WEEKLY;INTERVAL=2"),
            DemoEvent("Urlaub", 4),
            DemoEvent("Abnahme", 9, "14:00", 120),
        ),
    ),
    "room": (
        "America/New_York",
        (
            DemoEvent("Yoga", SINCE, "12:00", 60, "FREQ=WEEKLY;BYDAY=MO,WE,FR"),
            DemoEvent("Recruiting", 8, "09:00", 180),
        ),
    ),
}


def demo_files(now: int) -> dict[str, bytes]:
    """Return the demo's calendars, its two profiles and, last, gbook.yaml, by path in the workspace."""
    files: dict[str, bytes] = {}
    today = local(now, UTC).date()
    monday = today - timedelta(days=today.weekday())
    for name, (zone, events) in TEAM.items():
        if name == "carol":
            for i, demo_event in enumerate(events):
                calendar = _calendar(f"{name}-{i}", find_zone(zone), [demo_event], monday)
                files[f"calendars/carol/{name}-{i}.ics"] = calendar.to_ical()
        else:
            calendar = _calendar(name, find_zone(zone), events, monday)
            files[f"calendars/{name}.ics"] = calendar.to_ical()
    files["profiles/demo.yaml"] = DEMO.encode()
    files["profiles/review.yaml"] = REVIEW.encode()
    files["gbook.yaml"] = CONFIG.encode()
    return files


def _calendar(name: str, zone: ZoneInfo, events: Iterable[DemoEvent], monday: date) -> Calendar:
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", PRODID)
    for number, demo_event in enumerate(events):
        uid = f"{name}-{number}-{monday:%Y%m%d}@demo.example.com"
        calendar.add_component(_event(uid, demo_event, zone, monday))
    calendar.add_missing_timezones()
    return calendar


def _event(uid: str, demo_event: DemoEvent, zone: ZoneInfo, monday: date) -> Event:
    from icalendar import Event, vRecur

    event = Event()
    event.add("UID", uid)
    event.add("DTSTAMP", datetime.combine(monday, datetime.min.time(), UTC))
    start: date = monday + timedelta(days=demo_event.day)
    length = timedelta(days=1)
    if demo_event.at:
        hour, minute = map(int, demo_event.at.split(":"))
        start = datetime(start.year, start.month, start.day, hour, minute, tzinfo=zone)
        length = timedelta(minutes=demo_event.minutes)
    event.add("DTSTART", start)
    event.add("DTEND", start + length)
    event.add("SUMMARY", demo_event.summary)
    if demo_event.rule:
        event.add("RRULE", vRecur.from_ical(demo_event.rule))
    if demo_event.status:
        event.add("STATUS", demo_event.status)
    event.add("TRANSP", "TRANSPARENT" if demo_event.transparent else "OPAQUE")
    return event
