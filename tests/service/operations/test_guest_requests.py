"""Times that guests ask for over the API, where the guest or the host confirms each booking."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import pytest
from support.api import FREE, Api, make_api_office
from support.running import Gbook

import gbook as public_api
from gbook.clients.editing import add_client
from gbook.timeutil.instants import MINUTE

NOW = "2026-11-23T08:00:00Z"
JANE = {"name": "Jane Doe", "email": "jane@example.net"}


def office(folder: Path, *lines: str) -> Api:
    """Return the API of an office whose profile is public, with more lines in its file."""
    return Api(make_api_office(folder, "\n".join(["accounts: [alice]", "public: true", *lines])))


def path_of(api: Api) -> str:
    """Return the path of the public profile for guests."""
    return f"/{add_client(api.root, 'website', 0).client.id}/demo/meeting"


def records(api: Api) -> list[public_api.Record]:
    """Return what is in the calendars."""
    with api.opened() as workspace:
        return public_api.read_records(workspace)[0]


def minutes_held(api: Api) -> int:
    """Return for how many minutes the only reservation is held, from the time of the tests on."""
    [record] = records(api)
    assert record.is_reservation and record.expires is not None
    return (record.expires - public_api.parse_instant(NOW, UTC)) // MINUTE


@pytest.fixture(autouse=True)
def _time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GBOOK_NOW", NOW)


@pytest.mark.parametrize(
    ("lines", "start", "minutes"),
    [
        (["several: true"], "2026-11-27T10:00:00Z", 2 * 24 * 60),
        # The notice is one hour; the time is on the next day.
        (["several: true"], FREE[0], 23 * 60),
        (["several: true", "startAfterMinutes: 1440"], FREE[0], 15),
    ],
)
def test_the_host_has_time_to_decide(tmp_path: Path, lines: list[str], start: str, minutes: int) -> None:
    """Two days, or until the notice before the time; some minutes in any case."""
    api = office(tmp_path / "office", *lines)
    answer = api.ok("POST", path_of(api), {"time": {"start": start}, "schedulerInfo": JANE})
    assert answer["created"] is False and answer["reservationId"]
    assert minutes_held(api) == minutes
    assert start not in api.starts("/group/profiles/1")


def test_clients_book_at_once(tmp_path: Path) -> None:
    """Only guests without credentials wait for the host."""
    api = office(tmp_path / "office", "several: true")
    answer = api.ok("POST", "/group/profiles/1/meeting", {"time": {"start": FREE[0]}, "schedulerInfo": JANE})
    assert answer["created"] is True


def test_the_host_confirms(tmp_path: Path, gbook: Gbook) -> None:
    """By the command line, as any reservation; the guest moves and cancels it by the same token."""
    api = office(tmp_path / "office", "several: true")
    path = path_of(api)
    token = api.ok("POST", path, {"time": {"start": FREE[0]}, "schedulerInfo": JANE})["rescheduleToken"]
    [held] = records(api)
    gbook.json("--workspace", str(api.root), "reservation", "confirm", held.uid)
    assert api.ok("DELETE", path, query={"rescheduleToken": token}) == {"status": "Ok"}


def test_many_may_wait_for_one_address(tmp_path: Path) -> None:
    """Who knows an address cannot use it up, nor learn whether others have asked under it."""
    api = office(tmp_path / "office", "several: true")
    path = path_of(api)
    for start in FREE:
        answer = api.ok("POST", path, {"time": {"start": start}, "schedulerInfo": JANE})
        assert answer["created"] is False
    assert [record.guest.email for record in records(api)] == [JANE["email"]] * len(FREE)
