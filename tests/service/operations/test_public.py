"""What guests do without credentials: only with public profiles, and everything else is the same 404."""

from __future__ import annotations

import pytest
from support.api import FREE, Api

from gbook.clients.editing import add_client

JANE = {"name": "Jane Doe", "email": "jane@example.net"}


@pytest.fixture
def client(api: Api) -> str:
    """The id of a client; the profile demo is public."""
    api.ok("PATCH", "/group/profiles/1", {"public": True})
    return add_client(api.root, "website", 0).client.id


def test_a_guest_sees_times_and_books(api: Api, client: str) -> None:
    """By the name of the profile, or by its title; the times are those that clients see."""
    path = f"/{client}/demo/meeting"
    assert api.ok("GET", path) == api.ok("GET", "/group/profiles/1/meeting")
    made = api.ok("POST", path, {"time": {"start": FREE[0]}, "schedulerInfo": JANE})
    token = {"rescheduleToken": made["rescheduleToken"]}
    assert api.ok("GET", path, query=token)["existingMeeting"]["id"] == made["id"]
    assert api.ok("POST", path, {"time": {"start": FREE[1]}}, token) == made
    taken = api.ask("POST", path, {"time": {"start": FREE[1]}})
    assert (taken.status_code, len(taken.json["alternatives"])) == (409, 5)
    api.ok("PATCH", "/group/profiles/1", {"name": "Demo für alle"})
    assert FREE[0] in api.starts(f"/{client}/Demo%20f%C3%BCr%20alle")


def test_everything_else_is_the_same_404(api: Api, client: str) -> None:
    """An unknown name, a profile that is not public or invalid, a personal one, an unknown client."""
    api.ok("POST", "/group/profiles", {"name": "closed"})
    api.as_account("bob").ok("POST", "/account/profiles", {"name": "bobs"})
    (api.root / "profiles/broken.yaml").write_text("public: true\ndurationMinutes: soon\n")
    paths = [
        f"/{client}/{name}/meeting" for name in ("nothing", "closed", "broken", "bobs", "2", "..", "%00")
    ]
    seen = set()
    for path in [*paths, "/c-unknown/demo/meeting", "/website/demo/meeting"]:
        for method, body in (("GET", None), ("POST", {"time": {"start": FREE[0]}})):
            answer = api.ask(method, path, body)
            seen.add((answer.status_code, answer.json["code"], answer.json["message"]))
    assert seen == {(404, "not_found", "nothing has this id")}


def test_one_learns_nothing_of_the_bookings_of_others(api: Api, client: str) -> None:
    """The same Idempotency-Key for another guest's time does not give their booking away."""
    path, key = f"/{client}/demo/meeting", {"Idempotency-Key": "1"}
    api.ask(
        "POST", "/group/profiles/1/meeting", {"time": {"start": FREE[0]}, "schedulerInfo": JANE}, headers=key
    )
    same = api.ask("POST", path, {"time": {"start": FREE[0]}, "schedulerInfo": JANE}, headers=key)
    assert (same.status_code, same.json["code"]) == (409, "slot_unavailable")


def test_a_guest_invites_few(api: Api, client: str) -> None:
    """Each invitee may get a mail: without credentials five are enough."""
    people = [{"email": f"{number}@example.net"} for number in range(6)]
    sent = {"time": {"start": FREE[0]}, "invitees": people}
    assert set(api.problems("POST", f"/{client}/demo/meeting", sent)) == {"invitees"}
    sent["invitees"] = people[:5]
    api.ok("POST", f"/{client}/demo/meeting", sent)
    api.ok("POST", "/group/profiles/1/meeting", {"time": {"start": FREE[1]}, "invitees": people})


def test_a_guest_holds_a_time_for_an_hour_at_most(api: Api, client: str) -> None:
    """Longer would keep it from others at no cost; clients and accounts may."""
    sent = {"time": {"start": FREE[0]}, "schedulerInfo": JANE}
    query = {"reserveForMinutes": 61}
    assert set(api.problems("POST", f"/{client}/demo/meeting", sent, query)) == {"reserveForMinutes"}
    held = api.ok("POST", f"/{client}/demo/meeting", sent, {"reserveForMinutes": 60})
    assert held["reservationId"]
    api.ok("POST", "/group/profiles/1/meeting", {"time": {"start": FREE[1]}}, query)
