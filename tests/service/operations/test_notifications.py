"""What follows a change: mail and the user's programs. It is not waited for, and fails no request."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from support.api import FREE, TAKEN, Api, make_api_office
from support.office import program
from support.smtp_server import mail_of

from gbook.clients.editing import add_client

MEETING = "/group/profiles/1/meeting"
JANE = {"name": "Jane Doe", "email": "jane@example.net"}
HOOKS = "hooks: {postBook: [./note, book], postReschedule: [./note, move], postCancel: [./note, cancel]}\n"
NOTE = """
    import json, sys
    with open("seen.jsonl", "a") as file:
        print(json.dumps([sys.argv[1], json.load(sys.stdin)["id"]]), file=file)
"""


def office(tmp_path: Path, more: str) -> Api:
    """Return the API of a workspace with `more` in its gbook.yaml."""
    return Api(make_api_office(tmp_path / "office", more=more))


def book(api: Api, start: str = FREE[0], **query: int) -> Any:
    """Book a time for Jane."""
    return api.ok("POST", MEETING, {"time": {"start": start}, "schedulerInfo": JANE}, query)


def test_programs_run_after_each_change(tmp_path: Path) -> None:
    """Each gets the document of the command line, once the answer is given."""
    api = office(tmp_path, HOOKS)
    program(api.root / "note", NOTE)
    made = book(api)
    assert not (api.root / "seen.jsonl").exists()
    api.ok("POST", MEETING, {"time": {"start": FREE[1]}, "rescheduleToken": made["rescheduleToken"]})
    first, second = (book(api, start, reserveForMinutes=30) for start in (FREE[2], FREE[3]))
    confirmed = api.ok("POST", f"/group/reservations/{first['reservationId']}/confirm")
    api.ok("DELETE", f"/group/reservations/{second['reservationId']}")
    assert api.run_jobs() == []
    seen = [json.loads(line) for line in (api.root / "seen.jsonl").read_text().splitlines()]
    assert [name for name, _ in seen] == ["book", "move", "book", "book", "book", "cancel"]
    assert [seen[0][1], seen[1][1], seen[4][1]] == [made["id"], made["id"], confirmed["id"]]


def test_a_program_may_refuse(tmp_path: Path) -> None:
    """The answer does not have its words; nothing is written, and nothing follows."""
    api = office(tmp_path, "hooks: {preBook: [./refuse], postBook: [./refuse]}\n")
    program(api.root / "refuse", "import sys\nsys.exit('alice is on parental leave')")
    before = (api.root / "alice.ics").read_bytes()
    answer = api.ask("POST", MEETING, {"time": {"start": FREE[0]}})
    assert (answer.status_code, answer.json["code"]) == (409, "refused")
    assert "parental" not in answer.text
    assert ((api.root / "alice.ics").read_bytes(), api.jobs) == (before, [])


def test_a_program_that_cannot_be_run_refuses_nothing(tmp_path: Path) -> None:
    """The server has to be mended: another time would not help the client, who may try again later."""
    api = office(tmp_path, "hooks: {preBook: [./nothing]}\n")
    before = (api.root / "alice.ics").read_bytes()
    assert api.refused("POST", MEETING, {"time": {"start": FREE[0]}}) == (503, "workspace_invalid")
    assert ((api.root / "alice.ics").read_bytes(), api.jobs) == (before, [])


def test_a_program_may_refuse_a_confirmation(tmp_path: Path) -> None:
    """The reservation stays as it is."""
    api = office(tmp_path, "")
    held = book(api, reserveForMinutes=30)
    with (api.root / "gbook.yaml").open("a") as file:
        file.write("hooks: {preBook: [./refuse]}\n")
    program(api.root / "refuse", "import sys\nsys.exit(1)")
    path = f"/group/reservations/{held['reservationId']}"
    assert api.refused("POST", f"{path}/confirm") == (409, "refused")
    assert api.ok("DELETE", path) == {"status": "Ok"}


def test_failures_are_warnings_only(tmp_path: Path) -> None:
    """The booking is made and answered; what failed is known by its code."""
    mail = "mail: {host: 127.0.0.1, port: 9, security: none}\nhooks: {postBook: [./missing]}\n"
    api = office(tmp_path, mail)
    assert book(api)["created"] is True
    assert api.run_jobs() == ["mail_failed", "hook_failed"]


def test_guests_get_mail(api: Api) -> None:
    """The invitation, and the new time; a reservation is not mailed, nor a request that is repeated."""
    with mail_of(api.root) as mailbox:
        key = {"Idempotency-Key": "k"}
        sent = {"time": {"start": FREE[0]}, "schedulerInfo": JANE}
        made, again = (api.ask("POST", MEETING, sent, headers=key).json for _ in range(2))
        assert made == again
        api.ok("POST", MEETING, {"time": {"start": FREE[1]}, "rescheduleToken": made["rescheduleToken"]})
        book(api, FREE[2], reserveForMinutes=10)
        assert api.run_jobs() == []
        assert [message.to for message in mailbox.messages] == [[JANE["email"]]] * 2


def test_the_mail_has_the_link_of_the_booking(tmp_path: Path) -> None:
    """As that of the command line, with the token of the answer; so does what postBook reads."""
    hooks = "hooks: {postBook: [./note]}\nserve: {baseUrl: https://book.example.com}\n"
    api = office(tmp_path, hooks)
    program(api.root / "note", "import sys; open('seen', 'w').write(sys.stdin.read())")
    with mail_of(api.root) as mailbox:
        made = book(api)
        assert api.run_jobs() == []
    link = f"https://book.example.com/b/booking/{made['rescheduleToken']}"
    assert f"Change or cancel: {link}" in mailbox.messages[0].parts[0].get_content()
    assert json.loads((api.root / "seen").read_text())["manageUrl"] == link


def test_a_link_that_cannot_be_mailed_is_in_the_log(tmp_path: Path) -> None:
    """The guest cannot confirm, and the time is free again later; it is no error of the request."""
    profile = "accounts: [alice, bob]\npublic: true\nconfirmEmail: true"
    more = "serve: {baseUrl: https://book.example.com}\nmail: {host: 127.0.0.1, port: 9, security: none}\n"
    api = Api(make_api_office(tmp_path / "office", profile, more))
    client = add_client(api.root, "website", 0).client.id
    held = api.ok("POST", f"/{client}/demo/meeting", {"time": {"start": FREE[0]}, "schedulerInfo": JANE})
    assert held["reservationId"]
    assert api.run_jobs() == ["mail_failed"]


def test_a_member_who_leaves_is_told(tmp_path: Path) -> None:
    """An optional account that is busy at the new time gets a cancellation, of the event as it was."""
    api = Api(make_api_office(tmp_path / "office", "accounts: [bob]\noptional: [alice]"), tmp_path / "index")
    with mail_of(api.root) as mailbox:
        made = book(api)
        token = {"rescheduleToken": made["rescheduleToken"]}
        for calendar in api.root.glob("*.ics"):
            os.utime(calendar, (0, 0))  # as if it had been read long ago: the index knows it
        api.ok("GET", MEETING, query=token)
        api.ok("POST", MEETING, {"time": {"start": TAKEN}}, token)
        assert api.run_jobs() == []
        told = [(message.to, message.calendar.get_content_type()) for message in mailbox.messages]
        assert [to for to, _ in told] == [
            ["alice@example.com", JANE["email"]],
            [JANE["email"]],
            ["alice@example.com"],
        ]
        assert "METHOD:CANCEL" in mailbox.messages[2].calendar.get_content()


def test_incomplete_mail_settings_stop_a_booking(tmp_path: Path) -> None:
    """They are noticed before anything is booked."""
    api = office(tmp_path, "mail: {host: localhost, username: jane}\n")
    assert api.refused("POST", MEETING, {"time": {"start": FREE[0]}}) == (503, "workspace_invalid")
    assert len(api.starts("/group/profiles/1")) == 11
