"""Rooms and resources with capacity and features: which are free, which are booked, and what is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.ics import parsed_events
from support.running import Gbook

ACCOUNTS = """\
timezone: UTC
accounts:
  - {id: alice, email: alice@example.com, calendars: [alice.ics]}
  - {id: bob, email: bob@example.com, calendars: [bob.ics]}
  - {id: hall, email: hall@example.com, capacity: 40, features: [Stage, screen], calendars: [hall.ics]}
  - {id: oak, email: oak@example.com, capacity: 6, features: [screen], calendars: [oak.ics]}
  - {id: pine, email: pine@example.com, kind: room, calendars: [pine.ics]}
  - {id: yew, email: yew@example.com, capacity: 2, calendars: [yew.ics]}
"""
GROUPS = "{extId: people, accountIds: [alice, bob], required: all}, {extId: places, accountIds: %s}"
AT = "2026-11-24T10:00Z"
GUEST = ("--name", "Gwen", "--email", "gwen@example.org")


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace of two people and four rooms, all of them free."""
    folder = tmp_path / "house"
    (folder / "profiles").mkdir(parents=True)
    (folder / "gbook.yaml").write_text(ACCOUNTS)
    for name in ("alice", "bob", "hall", "oak", "pine", "yew"):
        (folder / f"{name}.ics").write_bytes(b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n")
    profile(folder)
    monkeypatch.chdir(folder)
    return folder


def profile(folder: Path, more: str = "", rooms: str = "[hall, oak, pine, yew]") -> None:
    text = f"required: all\ngroups: [{GROUPS % rooms}]\n{more}\n"
    (folder / "profiles/demo.yaml").write_text(text)


def booked(gbook: Gbook, *more: str) -> list[str]:
    """Book on Tuesday at ten, and return who takes part beside alice and bob."""
    document = gbook.json("book", "--slot", AT, *GUEST, *more)
    assert document["accountIds"][:2] == ["alice", "bob"]
    return list(document["accountIds"][2:])


@pytest.mark.parametrize(
    ("more", "room"),
    [
        ((), "oak"),  # alice, bob and the guest
        (("--people", "2"), "yew"),
        (("--people", "3"), "oak"),
        (("--people", "6"), "oak"),
        (("--people", "7"), "hall"),
    ],
)
def test_the_smallest_room_with_enough_seats(
    house: Path, gbook: Gbook, more: tuple[str, ...], room: str
) -> None:
    """For as many as --people says, else for the accounts that meet and the guest."""
    assert booked(gbook, *more) == [room]


def test_without_a_number_a_small_room_is_better_than_none(house: Path, gbook: Gbook) -> None:
    """The first takes the only room that is large enough, the second the one of unknown size."""
    profile(house, rooms="[yew, pine, oak]")
    assert booked(gbook) == ["oak"]
    (house / "alice.ics").write_bytes((house / "yew.ics").read_bytes())
    (house / "bob.ics").write_bytes((house / "yew.ics").read_bytes())
    text = "required: all\ngroups: [{extId: p, accountIds: [alice]}, {extId: r, accountIds: [yew, pine]}]\n"
    (house / "profiles/demo.yaml").write_text(f"{text}durationMinutes: 60\n")
    document = gbook.json("book", "--slot", "2026-11-25T10:00Z", *GUEST)
    assert document["accountIds"] == ["alice", "yew"]


def test_attached_rooms_are_chosen_by_size(house: Path, gbook: Gbook) -> None:
    """Also those that are in no group; people keep their places."""
    text = "required: 2\naccounts: [hall, oak, alice, bob]\n"
    (house / "profiles/demo.yaml").write_text(text)
    assert gbook.json("book", "--slot", AT, *GUEST)["accountIds"] == ["alice", "oak"]


def test_features_are_in_any_case(house: Path, gbook: Gbook) -> None:
    """The hall has a Stage."""
    profile(house, "rooms: {features: [stage, Screen]}")
    assert booked(gbook) == ["hall"]


def test_people_ask_for_more_than_the_profile_not_for_less(house: Path, gbook: Gbook) -> None:
    """The larger number counts."""
    profile(house, "rooms: {capacity: 5}")
    assert booked(gbook, "--people", "1", "--dry-run") == ["oak"]
    assert booked(gbook, "--people", "9", "--dry-run") == ["hall"]


def test_a_room_that_is_too_small_is_never_listed_nor_booked(house: Path, gbook: Gbook) -> None:
    """The refusal names what each lacks."""
    assert gbook.json("availability", "--people", "41")["items"] == []
    refused = gbook("book", "--slot", AT, *GUEST, "--people", "41")
    assert refused.code == 3
    for text in ("hall: has 40 seats, 41 needed", "pine: has no capacity in gbook.yaml, 41 needed"):
        assert text in refused.err


def test_why_names_what_is_lacking(house: Path, gbook: Gbook) -> None:
    """Each by a code, and the change that would help."""
    profile(house, "rooms: {capacity: 3, features: [screen, piano]}")
    why = gbook.json("why", "2026-11-24T10:00Z", "--people", "7")
    rooms = {account["accountId"]: account["reasons"] for account in why["members"][1]["accounts"]}
    said = {name: [(one["code"], one["message"]) for one in reasons] for name, reasons in rooms.items()}
    assert said["hall"] == [("features", "lacks piano")]
    assert said["oak"] == [("capacity", "has 6 seats, 7 needed"), ("features", "lacks piano")]
    assert said["pine"][1] == ("features", "lacks screen, piano")
    assert "with any room" in [item["change"] for item in why["suggestions"]]


def test_commands_to_copy_keep_the_number_of_people(house: Path, gbook: Gbook) -> None:
    """Of availability and why."""
    assert "gbook book -p demo --people 7 --slot" in gbook("availability", "--people", "7").out
    assert "gbook book -p demo --people 7 --slot" in gbook("why", AT, "--people", "7").out


def test_a_handover_keeps_the_number_of_people(house: Path, gbook: Gbook) -> None:
    """A room is replaced by one that also has the seats, or by none."""
    uid = gbook.json("book", "--slot", AT, *GUEST, "--people", "4")["id"]
    event = next(one for one in parsed_events((house / "oak.ics").read_bytes()) if one["UID"] == uid)
    assert event["X-GBOOK-PEOPLE"] == "4"
    block(house / "oak.ics")
    moved = gbook.json("booking", "reschedule", uid, "--slot", "2026-11-25T10:00Z", "--reassign")
    assert moved["accountIds"] == ["alice", "bob", "hall"]
    block(house / "hall.ics", "26")
    block(house / "oak.ics", "26")
    refused = gbook("booking", "reschedule", uid, "--slot", "2026-11-26T10:00Z", "--reassign")
    assert refused.code == 3
    assert gbook.json("booking", "show", uid)["start"] == "2026-11-25T10:00:00Z"


def block(calendar: Path, day: str = "25") -> None:
    """Make a calendar busy on a day of November."""
    lines = (
        f"BEGIN:VEVENT\r\nUID:all-{day}\r\nDTSTART;VALUE=DATE:202611{day}\r\nSUMMARY:closed\r\nEND:VEVENT\r\n"
    )
    content = calendar.read_bytes().replace(b"END:VCALENDAR", f"{lines}END:VCALENDAR".encode())
    calendar.write_bytes(content)


def test_an_agreed_time_stays_agreed(house: Path, gbook: Gbook) -> None:
    """A reservation is confirmed in its room, though the profile asks for more seats since."""
    held = gbook.json("book", "--slot", AT, *GUEST, "--reserve", "1h")
    assert held["accountIds"][2] == "oak"
    profile(house, "rooms: {capacity: 30}")
    assert gbook.json("reservation", "confirm", held["id"])["accountIds"][2] == "oak"


def test_accounts_of_a_group_called_rooms_are_rooms(house: Path, gbook: Gbook) -> None:
    """They do not host, and LOCATION names them; a profile of nothing else keeps its hosts."""
    text = "required: all\ngroups: [{extId: Rooms, accountIds: [bob]}, {extId: p, accountIds: [alice]}]\n"
    (house / "profiles/demo.yaml").write_text(text)
    booked = gbook.json("book", "--slot", AT, *GUEST)
    assert (booked["host"], booked["accountIds"]) == ("alice", ["alice", "bob"])
    (event,) = parsed_events((house / "alice.ics").read_bytes())
    assert event["LOCATION"] == "bob"
    assert {str(one)[7:12]: one.params.get("CUTYPE") for one in event["ATTENDEE"]}["bob@e"] == "ROOM"
    (house / "profiles/demo.yaml").write_text("groups: [{extId: rooms, accountIds: [bob]}]\n")
    assert gbook.json("book", "--slot", "2026-11-25T10:00Z", *GUEST)["host"] == "bob"


def test_people_ask_for_seats_of_a_car_not_of_a_projector(house: Path, gbook: Gbook) -> None:
    """A resource without a capacity has no seats to ask for; `resources` may ask it."""
    config = (house / "gbook.yaml").read_text()
    config = config.replace("email: yew@example.com,", "email: yew@example.com, kind: resource,")
    (house / "gbook.yaml").write_text(
        config.replace("pine@example.com, kind: room", "pine@example.com, kind: resource")
    )
    profile(house, rooms="[yew, pine]")
    assert booked(gbook, "--people", "9", "--dry-run") == ["pine"]
    profile(house, "resources: {capacity: 1}", rooms="[pine, yew]")
    assert booked(gbook, "--dry-run") == ["yew"]
    profile(house, "rooms: {capacity: 9}", rooms="[pine, yew]")
    assert booked(gbook, "--dry-run") == ["yew"]


@pytest.mark.parametrize(
    ("more", "rooms", "expected"),
    [
        ("rooms: {capacity: 40, features: [STAGE]}", "[hall, yew]", []),
        (
            "rooms: {capacity: 41}",
            "[hall]",
            [("never_offers", "no room of the profile has 41 seats, so no slot is ever offered")],
        ),
        (
            "rooms: {features: [scree]}",
            "[hall]",
            [
                (
                    "never_offers",
                    "no room of the profile has scree; did you mean screen?, so no slot is ever offered",
                )
            ],
        ),
        (
            "required: one\nrooms: {capacity: 41}",
            "[hall]",
            [("no_room", "no room of the profile has 41 seats, so none is ever booked")],
        ),
        (
            "resources: {capacity: 2}",
            "[hall]",
            [
                (
                    "no_room",
                    "the profile has no resource (kind: resource in gbook.yaml), "
                    "so `resources` has no effect",
                )
            ],
        ),
    ],
)
def test_check_finds_what_no_room_has(
    house: Path, gbook: Gbook, more: str, rooms: str, expected: list[Any]
) -> None:
    """An error if no slot is ever offered, else a warning."""
    profile(house, more, rooms)
    if more.startswith("required"):
        text = (house / "profiles/demo.yaml").read_text()
        (house / "profiles/demo.yaml").write_text(text.removeprefix("required: all\n"))
    problems = gbook("check", "--json").document["problems"]
    assert [(one["code"], one["message"]) for one in problems] == expected


def test_too_few_rooms(house: Path, gbook: Gbook) -> None:
    """A group that needs all of its rooms."""
    text = f"required: all\nrooms: {{capacity: 5}}\ngroups: [{GROUPS % '[hall, yew], required: all'}]\n"
    (house / "profiles/demo.yaml").write_text(text)
    (problem,) = gbook("check", "--json").document["problems"]
    assert problem["message"] == "too few rooms of the profile have 5 seats, so no slot is ever offered"


def test_options_write_the_keys(house: Path, gbook: Gbook) -> None:
    """Of accounts and profiles."""
    changed = gbook.json(
        "account", "update", "pine", "--capacity", "3", "--feature", "tv", "--feature", "fan"
    )
    assert (changed["capacity"], changed["features"]) == (3, ["tv", "fan"])
    changed = gbook.json("profile", "update", "demo", "--room-capacity", "3", "--room-feature", "tv")
    assert changed["rooms"] == {"capacity": 3, "features": ["tv"]}
    assert booked(gbook) == ["pine"]
