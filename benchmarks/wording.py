"""The texts of events: people, subjects, rooms, and the boilerplate of conference services."""

from __future__ import annotations

import random
from functools import cache

from icaltext import escaped, fold

__all__ = ["COLLEAGUES", "attendee", "description", "organizer", "person", "room", "subject"]

_GIVEN = (
    "Ada", "Björn", "Chiara", "Deepa", "Emre", "Fatou", "Grace", "Hiro", "Inês", "Jonas", "Kateřina", "Liam",
    "Mei", "Noor", "Olga", "Pablo",
)  # fmt: skip
_FAMILY = (
    "Anand", "Brandt", "Castro", "Dubois", "Eriksen", "Fischer", "García", "Hughes", "Ito", "Jensen",
    "Kowalski", "Lopes", "Müller",
)  # fmt: skip
_SUBJECTS = (
    "1:1 {}", "Sprint planning", "Design review: {}", "Customer call: {}", "Standup", "Interview {}",
    "Quarterly figures", "Lunch with {}", "Dentist", "Release go/no-go", "Hiring sync", "Focus time",
    "Budget; round two", "Onboarding {}", "Retrospective", "Café, then roadmap", "Security training",
)  # fmt: skip
_ROOMS = (
    "Room 4.12", "Teleconference", "Aquarium (12 seats), 3rd floor", "https://meet.example.com/team-weekly",
    "Friedrichstraße 68, 10117 Berlin, Germany", "Microsoft Teams Meeting", "Kitchen",
)  # fmt: skip
_MEET = (
    "{topic}\n\n-::~:~::~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~::~:~::-\nJoin with Google Meet: "
    "https://meet.example.com/{code}\nOr dial: (US) +1 470-555-0{pin:03d} PIN: {pin:06d}#\n\n"
    "Please do not edit this section.\n-::~:~::~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~:~::~:~::-"
)
_TEAMS = (
    "{topic}\n\n________________________________________________________________________________\n"
    "Microsoft Teams meeting\nJoin on your computer or mobile app\n"
    "<https://teams.example.com/l/meetup-join/19%3ameeting_{code}{code}%40thread.v2/0>\n"
    "Meeting ID: {pin:09d}\nPasscode: {code}\n\nOr call in (audio only), conference ID {pin:08d}#\n"
    "________________________________________________________________________________\n"
)
_TOPIC = (
    "Agenda: what changed since last week, what blocks us, who decides. Notes in the shared document; "
    "please add your points before we start, so that we can end early."
)


def person(number: int) -> tuple[str, str]:
    """Return a name and an e-mail address."""
    given = _GIVEN[number % len(_GIVEN)]
    family = _FAMILY[number // len(_GIVEN) % len(_FAMILY)]
    return f"{given} {family}", f"person{number}@example.com"


COLLEAGUES = [person(number) for number in range(5000, 5120)]


def subject(rng: random.Random) -> str:
    """Return a SUMMARY value, escaped."""
    return escaped(rng.choice(_SUBJECTS).format(rng.choice(_GIVEN)))


def room(rng: random.Random) -> str:
    """Return a LOCATION value, escaped."""
    return escaped(rng.choice(_ROOMS))


def description(rng: random.Random) -> str:
    """Return a folded DESCRIPTION line: a topic, often with a conference service's boilerplate."""
    return _description(int(rng.random() * 400))


@cache
def _description(number: int) -> str:
    rng = random.Random(f"description {number}")
    code = "-".join("".join(rng.choices("abcdefghkmnp", k=n)) for n in (3, 4, 3))
    form = rng.choice(("{topic}", _MEET, _TEAMS))
    topic = _TOPIC[: rng.randrange(30, len(_TOPIC))]
    return fold("DESCRIPTION:" + escaped(form.format(topic=topic, code=code, pin=rng.randrange(1000))))


@cache
def attendee(name: str, email: str, partstat: str) -> str:
    """Return a folded ATTENDEE line."""
    parameters = f"CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT={partstat};RSVP=TRUE;CN={name}"
    return fold(f"ATTENDEE;{parameters}:mailto:{email}")


@cache
def organizer(name: str, email: str) -> str:
    """Return a folded ORGANIZER line."""
    return fold(f"ORGANIZER;CN={name}:mailto:{email}")
