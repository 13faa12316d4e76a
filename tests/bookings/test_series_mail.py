"""Mails about a booking that repeats, to a real server: their texts, and what a calendar program shows."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.calendar_program import CalendarProgram
from support.ics import parsed_events
from support.office import make_office
from support.running import Gbook
from support.smtp_server import ReceivedMessage, mail_of

GWEN, INA = "gwen@example.org", "ina@example.net"
# The clocks change on 14 March in New York, and on 28 March in Berlin.
BOOK = ("book", "--slot", "2027-03-09T14:00Z", "--repeat", "weekly", "--count", "6", "--required", "all")
WHOLE_TIME = datetime(2027, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
MOVED = "2027-03-24T15:00Z"


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder is a workspace whose members are free on Tuesdays and Wednesdays."""
    monkeypatch.setenv("GBOOK_NOW", "2027-03-01T08:00:00Z")
    monkeypatch.chdir(make_office(tmp_path / "office"))
    profile = tmp_path / "office/profiles/demo.yaml"
    profile.write_text(profile.read_text().replace("P30D", "P180D"))
    return tmp_path / "office"


@pytest.fixture
def weekend(office: Path) -> None:
    """The profile is for an hour at any time of a Saturday or Sunday."""
    profile = office / "profiles/demo.yaml"
    text = profile.read_text().replace("durationMinutes: 30", "durationMinutes: 60")
    text = text.replace("tuesday", "saturday").replace("wednesday", "sunday")
    profile.write_text(text.replace("start: 09:00, end: 18:00", "start: 00:00, end: 24:00"))


@pytest.fixture
def mailbox(office: Path) -> Iterator[list[ReceivedMessage]]:
    """Start a server that needs no login; yield the messages that it gets."""
    with mail_of(office) as box:
        yield box.messages


@pytest.fixture
def uid(gbook: Gbook, mailbox: list[ReceivedMessage]) -> str:
    """A series on six Tuesdays for a guest in New York, who was invited by mail."""
    guest = ("--name", "Gwen", "--email", GWEN, "--guest-tz", "America/New_York", "--mail")
    return str(gbook.json(*BOOK, *guest)["id"])


def text_of(received: ReceivedMessage) -> str:
    """Return the text of a mail up to the place, under its subject."""
    text = received.parts[0].get_content().replace("\r", "")
    return f"{received.header('Subject')}\n{text.partition('Where:')[0]}"


def test_invitation_over_a_change_of_clocks(uid: str, mailbox: list[ReceivedMessage]) -> None:
    """It says from which date on the guest's clock shows another time."""
    assert text_of(mailbox[-1]) == (
        "Invitation: Demo for Gwen @ Tue 9 Mar 2027 09:00–09:30 EST (America/New_York), weekly, 6 times\n"
        "Invitation: Demo for Gwen\n\n"
        "When: Tue 9 Mar 2027 09:00–09:30 EST (America/New_York)\n"
        "      Tue 9 Mar 2027 15:00–15:30 CET (Europe/Berlin)\n"
        "Repeats: weekly, 6 times, until Tue 13 Apr 2027\n"
        "From Tue 16 Mar 2027: 10:00–10:30 EDT (America/New_York)\n"
        "From Tue 30 Mar 2027: 09:00–09:30 EDT (America/New_York)\n"
    )


def test_a_line_for_each_change_of_the_guests_clock(
    gbook: Gbook, weekend: None, mailbox: list[ReceivedMessage]
) -> None:
    """None if the meeting stays at its time; one over a change of clocks has the offset of both ends."""
    guest = (
        "--name",
        "Gwen",
        "--email",
        GWEN,
        "--guest-tz",
        "America/New_York",
        "--mail",
        "--required",
        "all",
    )
    series = ("book", "--repeat", "weekly", "--count", "4", *guest)
    gbook.json(*series, "--slot", "2027-03-07T14:00Z")
    assert [line for line in text_of(mailbox[-1]).splitlines() if line.startswith("From ")] == [
        "From Sun 14 Mar 2027: 10:00–11:00 EDT (America/New_York)",
        "From Sun 28 Mar 2027: 09:00–10:00 EDT (America/New_York)",
    ]
    gbook.json(*series, "--slot", "2027-03-07T06:30Z")
    assert [line for line in text_of(mailbox[-1]).splitlines() if line.startswith("From ")] == [
        "From Sun 14 Mar 2027: 01:30 EST–03:30 EDT (America/New_York)",
        "From Sun 21 Mar 2027: 02:30–03:30 EDT (America/New_York)",
        "From Sun 28 Mar 2027: 01:30–02:30 EDT (America/New_York)",
    ]


@pytest.mark.parametrize(
    ("zone", "slot", "times"),
    [
        (
            "Europe/London",
            "2027-03-28T00:30Z",
            [
                "Sun 28 Mar 2027 00:30 GMT–02:30 BST (Europe/London)",
                "Sun 28 Mar 2027 01:30 CET–03:30 CEST (Europe/Berlin)",
            ],
        ),
        # As late as in Berlin only at the start.
        (
            "Africa/Lagos",
            "2027-03-28T00:30Z",
            [
                "Sun 28 Mar 2027 01:30–02:30 WAT (Africa/Lagos)",
                "Sun 28 Mar 2027 01:30 CET–03:30 CEST (Europe/Berlin)",
            ],
        ),
        # The clocks change only for the guest.
        (
            "America/New_York",
            "2027-03-14T06:30Z",
            [
                "Sun 14 Mar 2027 01:30 EST–03:30 EDT (America/New_York)",
                "Sun 14 Mar 2027 07:30–08:30 CET (Europe/Berlin)",
            ],
        ),
    ],
)
def test_a_meeting_during_a_change_of_clocks(
    gbook: Gbook, weekend: None, mailbox: list[ReceivedMessage], zone: str, slot: str, times: list[str]
) -> None:
    """Both ends have their own offset, in the subject, the new and the old time."""
    guest = ("--name", "Gwen", "--email", GWEN, "--guest-tz", zone)
    uid = gbook.json("book", "--slot", slot, *guest, "--mail")["id"]
    assert mailbox[-1].header("Subject").endswith(f" @ {times[0]}")
    assert text_of(mailbox[-1]).endswith(f"When: {times[0]}\n      {times[1]}\n")
    gbook.json("booking", "reschedule", uid, "--slot", "2027-04-03T10:00Z", "--mail")
    assert text_of(mailbox[-1]).endswith(f"Before: {times[0]}\n        {times[1]}\n")


def test_guest_whose_clock_differs_only_later(gbook: Gbook, mailbox: list[ReceivedMessage]) -> None:
    """In Lagos it is as late as in Berlin, until the clocks change there."""
    gbook.json(*BOOK, "--name", "Gwen", "--email", GWEN, "--guest-tz", "Africa/Lagos", "--mail")
    text = text_of(mailbox[-1])
    assert "When: Tue 9 Mar 2027 15:00–15:30 WAT (Africa/Lagos)\n" in text
    assert "From Tue 30 Mar 2027: 14:00–14:30 WAT (Africa/Lagos)\n" in text


def test_one_date_is_cancelled(gbook: Gbook, uid: str, mailbox: list[ReceivedMessage]) -> None:
    """A CANCEL of that instance, with the reason; the text says that the others stay."""
    gbook.json("booking", "cancel", uid, "--date", "2027-03-16", "--mail", "--reason", "Trade fair")
    (event,) = parsed_events(mailbox[-1].calendar.get_content())
    assert mailbox[-1].calendar.get_param("method") == "CANCEL"
    assert (event["STATUS"], event["RECURRENCE-ID"].dt.isoformat()) == (
        "CANCELLED",
        "2027-03-16T15:00:00+01:00",
    )
    assert "RRULE" not in event
    assert text_of(mailbox[-1]) == (
        "Cancelled: Demo for Gwen @ Tue 16 Mar 2027 10:00–10:30 EDT (America/New_York)\n"
        "Cancelled: Demo for Gwen\n\n"
        "When: Tue 16 Mar 2027 10:00–10:30 EDT (America/New_York)\n"
        "      Tue 16 Mar 2027 15:00–15:30 CET (Europe/Berlin)\n"
        "This is one date of a series; the others stay as they are\n"
    )
    assert "\nNote: Trade fair\n" in mailbox[-1].parts[0].get_content().replace("\r", "")


def test_one_date_is_moved(gbook: Gbook, uid: str, mailbox: list[ReceivedMessage]) -> None:
    """The mail has its new and its old time."""
    gbook.json("booking", "reschedule", uid, "--date", "2027-03-23", "--slot", MOVED, "--mail")
    assert text_of(mailbox[-1]) == (
        "Moved: Demo for Gwen @ Wed 24 Mar 2027 11:00–11:30 EDT (America/New_York)\n"
        "Moved: Demo for Gwen\n\n"
        "When: Wed 24 Mar 2027 11:00–11:30 EDT (America/New_York)\n"
        "      Wed 24 Mar 2027 16:00–16:30 CET (Europe/Berlin)\n"
        "Before: Tue 23 Mar 2027 10:00–10:30 EDT (America/New_York)\n"
        "        Tue 23 Mar 2027 15:00–15:30 CET (Europe/Berlin)\n"
        "This is one date of a series; the others stay as they are\n"
    )


def test_the_whole_series_is_moved(gbook: Gbook, uid: str, mailbox: list[ReceivedMessage]) -> None:
    """One message with the new rule; the text has the first date before and after."""
    gbook.json("booking", "reschedule", uid, "--slot", "2027-03-10T13:00Z", "--mail")
    (event,) = parsed_events(mailbox[-1].calendar.get_content())
    assert event["RRULE"]["COUNT"] == [6]
    text = text_of(mailbox[-1])
    assert "When: Wed 10 Mar 2027 08:00–08:30 EST (America/New_York)\n" in text
    assert "Before: Tue 9 Mar 2027 09:00–09:30 EST (America/New_York)\n" in text
    assert "Repeats: weekly, 6 times, until Wed 14 Apr 2027\n" in text


def test_the_rest_of_a_series_has_changed(
    gbook: Gbook, uid: str, mailbox: list[ReceivedMessage], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once it has begun, each date to come is listed, in the guest's zone and the host's."""
    monkeypatch.setenv("GBOOK_NOW", "2027-03-31T08:00:00Z")
    gbook.json("booking", "reschedule", uid, "--slot", "2027-04-07T13:00Z", "--mail")
    assert text_of(mailbox[-1]) == (
        "Moved: Demo for Gwen @ Wed 7 Apr 2027 09:00–09:30 EDT (America/New_York) and 1 more date\n"
        "Moved: Demo for Gwen\n\n"
        "When, in America/New_York:\n"
        "  Wed 7 Apr 2027 09:00–09:30 EDT, instead of Tue 6 Apr 2027 09:00–09:30 EDT\n"
        "  Wed 14 Apr 2027 09:00–09:30 EDT, instead of Tue 13 Apr 2027 09:00–09:30 EDT\n"
        "When, in Europe/Berlin:\n"
        "  Wed 7 Apr 2027 15:00–15:30 CEST, instead of Tue 6 Apr 2027 15:00–15:30 CEST\n"
        "  Wed 14 Apr 2027 15:00–15:30 CEST, instead of Tue 13 Apr 2027 15:00–15:30 CEST\n"
        "These are 2 dates of a series; there are no others to come\n"
    )
    gbook.json("booking", "cancel", uid, "--mail")
    assert [event["STATUS"] for event in parsed_events(mailbox[-1].calendar.get_content())] == [
        "CANCELLED"
    ] * 2
    assert "  Wed 14 Apr 2027 09:00–09:30 EDT\nWhen, in Europe/Berlin:\n" in text_of(mailbox[-1])


def test_a_guest_who_comes_later(
    gbook: Gbook, uid: str, mailbox: list[ReceivedMessage], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The invitation has the whole series; its text begins with the next date, and says what differs."""
    gbook.json("booking", "cancel", uid, "--date", "2027-03-30")
    gbook.json("booking", "reschedule", uid, "--date", "2027-03-23", "--slot", MOVED)
    monkeypatch.setenv("GBOOK_NOW", "2027-03-10T08:00:00Z")
    gbook.json("booking", "guest", "add", uid, INA, "--mail")
    assert mailbox[-1].to == [INA]
    assert text_of(mailbox[-1]).partition("\n\n")[2] == (
        "When: Tue 16 Mar 2027 10:00–10:30 EDT (America/New_York)\n"
        "      Tue 16 Mar 2027 15:00–15:30 CET (Europe/Berlin)\n"
        "Repeats: weekly, 6 times since Tue 9 Mar 2027, until Tue 13 Apr 2027\n"
        "From Tue 6 Apr 2027: 09:00–09:30 EDT (America/New_York)\n"
        "Not on: Tue 30 Mar 2027\n"
        "Instead of Tue 23 Mar 2027: Wed 24 Mar 2027 11:00–11:30 EDT (America/New_York)\n"
    )
    whole, moved = parsed_events(mailbox[-1].calendar.get_content())
    assert (whole["EXDATE"].dts[0].dt.day, moved["RECURRENCE-ID"].dt.day, moved["DTSTART"].dt.day) == (
        30,
        23,
        24,
    )


class Story:
    """Random changes of a series."""

    def __init__(self, gbook: Gbook, uid: str, seed: int) -> None:
        self.gbook, self.uid, self.random = gbook, uid, random.Random(seed)
        self.look()

    def look(self) -> None:
        """Note the dates that gbook has, and the people who are invited."""
        document = self.gbook.json("booking", "show", self.uid)
        kept = [each for each in document["dates"] if each["status"] != "cancelled"]
        self.dates = sorted((each["start"], each["end"]) for each in kept)
        self.invited = {one["email"] for one in document["attendees"]}

    def change(self) -> bool:
        """Make a random change with --mail; return whether it was possible."""
        day = self.random.choice(self.dates)[0][:10]
        slot = f"{date.fromisoformat(day) + timedelta(days=self.random.choice((0, 1, 7)))}"
        slot += f"T{self.random.randrange(8, 15):02}:00Z"
        people = ("remove" if INA in self.invited else "add", self.uid, INA)
        commands = [
            ("cancel", self.uid, "--date", day),
            ("reschedule", self.uid, "--date", day, "--slot", slot),
            ("reschedule", self.uid, "--slot", slot),
            ("guest", *people),
        ]
        return self.gbook("booking", *self.random.choice(commands), "--mail").code == 0


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 9))])
def test_calendar_programs_show_the_dates(
    gbook: Gbook, uid: str, mailbox: list[ReceivedMessage], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After each message, the program of a guest shows exactly the dates that gbook has; of others, none."""
    story, programs, read = Story(gbook, uid, seed), defaultdict[str, Any](CalendarProgram), 0
    changes = 0
    for _ in range(30):
        if changes == 3:
            monkeypatch.setenv("GBOOK_NOW", "2027-03-20T08:00:00Z")
        for received in mailbox[read:]:
            for address in received.to:
                programs[address].receive(received.calendar.get_content())
        read = len(mailbox)
        for address in (GWEN, INA):
            expected = story.dates if address in story.invited else []
            assert programs[address].dates(*WHOLE_TIME) == expected, (changes, address)
        if changes == 5 or not story.dates:
            break
        changes += story.change()
        story.look()
    assert changes > 1
