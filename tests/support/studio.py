"""The workspace whose booking page the browser tests visit: Harbour Studio, of Berlin, for guests in London.

It is Wednesday 25 November 2026, 14:05 in London. The introductory call has the free times of FREE until
22 December and needs two days' notice; on other days of its hours the host is busy.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from support.environment import clean_environment
from support.http_service import HttpService, running_service
from support.smtp_server import mail_of

__all__ = ["BERLIN", "FREE", "STUDIO_NOW", "make_studio", "running_studio"]

STUDIO_NOW = "2026-11-25T14:05:00Z"
BERLIN = ZoneInfo("Europe/Berlin")
# The free times of the introductory call, in Berlin.
FREE = {
    date(2026, 11, 30): "09:30 10:00 11:30 14:00 15:30 16:00",
    date(2026, 12, 1): "10:00 11:30 12:00 15:00",
    date(2026, 12, 2): "09:30 10:00 10:30 11:00 14:00 14:30 15:00 15:30",
    date(2026, 12, 3): "15:30 16:00",
    date(2026, 12, 7): "09:30 10:00 10:30 11:00 14:00 14:30 15:00 15:30",
    date(2026, 12, 9): "09:30 11:00 14:00 14:30 15:00",
    date(2026, 12, 10): "10:00 14:00 16:00",
    date(2026, 12, 14): "09:30 10:00 10:30 11:00 14:00 14:30 15:00 15:30",
    date(2026, 12, 15): "09:30 10:00 10:30 11:00 14:00 14:30 15:00 15:30",
    date(2026, 12, 17): "10:00 11:30 12:00 15:00 15:30 16:00",
    date(2026, 12, 21): "10:00 11:30 12:00 15:00",
    date(2026, 12, 22): "10:00 11:30",
}
_CONFIG = """
timezone: Europe/Berlin
primaryColor: "{accent}"
secondaryColor: "#0f5e63"
conferenceUrl: https://meet.example.org/{{{{id}}}}
serve: {{name: Harbour Studio, baseUrl: https://book.harbour.example, trustedProxies: [127.0.0.1]}}
accounts:
  - {{id: mara, number: 1, name: Mara Lindqvist, email: mara@harbour.example, calendars: [mara.ics]}}
  - {{id: jon, number: 2, name: Jon Ahlers, email: jon@harbour.example, calendars: [jon]}}
  - {{id: nora, number: 3, name: Nora Duarte, email: nora@harbour.example, calendars: [nora]}}
  - {{id: tom, number: 4, name: Tom Weber, email: tom@harbour.example, calendars: [tom]}}
{more}"""
_HOURS = """
workHours:
  timezone: Europe/Berlin
  daySchedules:
"""
_PROFILES = {
    "intro": """
id: 1
title: Introductory call
subject: Introductory call
description: |-
  A first talk about your shop, and whether we are the right people for it.
  Company: {{company}}
  Topic: {{topic}}
location: Video call
startConference: true
startAfterMinutes: 2880
endTime: "2026-12-22T23:00:00Z"
accounts: [mara]
public: true
embed: [https://shop.example]
additionalFields: [{name: company}, {name: topic, type: textarea, default: ""}]
""",
    "planning": """
id: 2
title: "Product photos: planning"
subject: "Product photos: planning"
description: Which products, which pictures, which day. Bring your list.
location: Video call or phone
durationMinutes: 45
timeAvailableFor: P14D
accounts: [jon]
public: true
several: true
""",
    "visit": """
id: 3
title: Studio visit
subject: Studio visit
description: See the studio and meet the team.
location: Speicherstraße 12, Hamburg
durationMinutes: 60
timeAvailableFor: P14D
accounts: [nora]
public: true
confirmEmail: true
""",
    "workshop": """
id: 4
title: Workshop
subject: Workshop
description: A morning about your pictures, for you and your team.
location: Speicherstraße 12, Hamburg
accounts: [tom]
""",
}
_EVENT = """BEGIN:VEVENT
UID:{number}@harbour.example
DTSTAMP:20261101T000000Z
DTSTART:{start:%Y%m%dT%H%M%SZ}
DTEND:{end:%Y%m%dT%H%M%SZ}
SUMMARY:A customer
END:VEVENT
"""


def make_studio(folder: Path, *, accent: str = "#0f5e63", more: str = "") -> Path:
    """Make the workspace in a new folder, and return it; `more` is added to gbook.yaml."""
    (folder / "profiles").mkdir(parents=True)
    (folder / "gbook.yaml").write_text(_CONFIG.format(accent=accent, more=more))
    for name, profile in _PROFILES.items():
        (folder / f"profiles/{name}.yaml").write_text(f"{profile}{_HOURS}{_week()}")
    (folder / "mara.ics").write_text(_calendar(), newline="")
    for account in ("jon", "nora", "tom"):
        (folder / account).mkdir()
    return folder


@contextmanager
def running_studio(folder: Path, now: str = STUDIO_NOW) -> Iterator[HttpService]:
    """Make the workspace in an empty folder and serve it at a present time; its mails go to a real server."""
    workspace = make_studio(folder / "studio")
    (folder / "home").mkdir()
    variables = clean_environment(folder / "home", GBOOK_NOW=now)
    with mail_of(workspace), running_service(workspace, **variables) as service:
        yield service


def _week() -> str:
    hours = 'workingIntervals: [{start: "09:30", end: "16:30"}]'
    days = ("monday", "tuesday", "wednesday", "thursday")
    return "".join(f"    - {{dayOfWeek: {day}, {hours}}}\n" for day in days)


def _calendar() -> str:
    """Return the calendar of Mara: all of FREE's weeks busy, but for its times."""
    events = [
        _EVENT.format(number=number, start=start, end=start + timedelta(minutes=30))
        for number, start in enumerate(_busy())
    ]
    lines = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Harbour//Calendar//EN\n", *events, "END:VCALENDAR\n"
    return "".join(lines).replace("\n", "\r\n")


def _busy() -> Iterator[datetime]:
    """Yield the half hours of the studio's hours that are not free, in UTC."""
    first, last = min(FREE), max(FREE)
    for offset in range((last - first).days + 2):
        day = first + timedelta(days=offset)
        for minutes in range(9 * 60 + 30, 16 * 60 + 30, 30):
            start = datetime(day.year, day.month, day.day, minutes // 60, minutes % 60, tzinfo=BERLIN)
            if f"{start:%H:%M}" not in FREE.get(day, ""):
                yield start.astimezone(ZoneInfo("UTC"))
