"""Nothing private leaves: every operation, with every kind of failure, tells only what the caller may know.

The calendars, gbook.yaml and the folder hold texts that no answer may have: subjects, ids, names and
addresses of accounts, paths, and traces. Clients know accounts by their numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from support.api import FREE, TAKEN, Api

from gbook.clients.editing import add_client
from gbook.filesystem.companions import beside
from gbook.filesystem.flock import hold_lock, patience
from gbook.profiles.store import ProfileStore
from gbook.service.operations import personal_profiles
from gbook.service.routes import ROUTES

SECRETS = (
    "chemotherapy",
    "zelda",
    "quux",
    "yorick",
    "private.example",
    "s3cret",
    "hush",
    "traceback",
    ".ics",
    ".yaml",
    "/tmp",
    "site-packages",
)
GUEST = ("jane doe", "jane@example.net", "call me at 555")
ACCOUNTS = """
timezone: Europe/Berlin
accounts:
  - {id: zelda-id, number: 1, name: Zelda Quux, email: zelda@private.example, calendars: [hush.ics]}
  - {id: yorick-id, number: 2, name: Yorick Quux, email: yorick@private.example, calendars: [hush2.ics]}
"""
PROFILE = """
id: {number}
durationMinutes: 30
timeAvailableFor: P7D
subject: Demo
description: "{{{{comments}}}}"
public: true
{members}
additionalFields: [{{name: comments, default: ""}}]
workHours:
  timezone: Europe/Berlin
  daySchedules: [{{dayOfWeek: tuesday, workingIntervals: [{{start: "09:00", end: "12:00"}}]}}]
"""
CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//somebody//else//EN
BEGIN:VEVENT
UID:theirs
DTSTART:20261124T090000Z
DTEND:20261124T093000Z
SUMMARY:Chemotherapy
CLASS:PRIVATE
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")
FIELDS = {"name": "new", "subject": "x"}
MEETING = {
    "time": {"start": FREE[3]},
    "schedulerInfo": {"name": "Jane Doe", "email": "jane@example.net"},
    "substitutionData": {"comments": "call me at 555"},
}
DAY = {"timeMin": "2026-11-24T00:00:00Z", "timeMax": "2026-11-25T00:00:00Z"}


class Office(NamedTuple):
    """A workspace with a group profile, a personal one, and a reservation of each."""

    api: Api
    paths: dict[str, str]

    def requests(self, operation: str, method: str, path: str) -> tuple[Api, str, str, Any, Any]:
        """Return how an operation is asked for: by whom, the method, path, body and query."""
        group = "/group/" in path
        for variable, value in {**self.paths, "profiles/{id}": f"profiles/{1 if group else 2}"}.items():
            path = path.replace(variable, value)
        if not group:
            path = path.replace(self.paths["reservations/{id}"], self.paths["personal"])
        caller = self.api.as_account("zelda-id") if path.startswith("/v1/book/account") else self.api
        body, query = BODIES.get(operation, (None, None))
        return caller, method, path.removeprefix("/v1/book"), body, query


# The body and the query of each operation that has one.
BODIES: dict[str, tuple[Any, Any]] = {
    "createGroupBooking": (FIELDS, None),
    "create": (FIELDS, None),
    "updateGroupBooking": ({"subject": "x"}, None),
    "updateBooking": ({"subject": "x"}, None),
    "attachAccountsGroupBooking": ({"accountIds": [2]}, None),
    "detachAccountsGroupBooking": ({"accountIds": [1]}, None),
    "attachGroupsBooking": ({"groups": [{"extId": "g", "accountIds": [2]}]}, None),
    "detachGroupsBooking": ({"groups": [{"extId": "sales", "accountIds": [2]}]}, None),
    "bookingGroupCreateMeeting": (MEETING, None),
    "bookingAccountCreateMeeting": (MEETING, None),
    "createMeeting": (MEETING, None),
    "bookingGroupAvailability": (DAY, None),
}
# The same operations, with requests that do not fit.
WRONG: dict[str, Any] = {
    "createGroupBooking": {"name": "mine", "optional": [77], "durationMinutes": 0},
    "create": {"name": "demo"},
    "updateGroupBooking": {"optional": [1], "name": "mine"},
    "updateBooking": {"optional": [1]},
    "attachAccountsGroupBooking": {"accountIds": [77]},
    "detachAccountsGroupBooking": {"accountIds": [2]},
    "attachGroupsBooking": {"groups": [{"extId": "g", "accountIds": [77]}]},
    "detachGroupsBooking": {"groups": [{"extId": "g"}]},
    "bookingGroupCreateMeeting": {**MEETING, "time": {"start": TAKEN}},
    "bookingAccountCreateMeeting": {**MEETING, "time": {"start": TAKEN}},
    "createMeeting": {**MEETING, "time": {"start": TAKEN}},
    "bookingGroupAvailability": {**DAY, "profileNames": ["mine"]},
}
OPERATIONS = {route.operation_id: route for route in ROUTES}
Failure = Callable[[Path, pytest.MonkeyPatch], AbstractContextManager[Any]]


def healthy(root: Path, monkeypatch: pytest.MonkeyPatch) -> AbstractContextManager[Any]:
    """Nothing is wrong."""
    return nullcontext()


def unreadable_calendars(root: Path, monkeypatch: pytest.MonkeyPatch) -> AbstractContextManager[Any]:
    """A program has left half of a calendar."""
    for name in ("hush.ics", "hush2.ics"):
        (root / name).write_text("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Chemotherapy\r\n")
    return nullcontext()


def broken_profile(root: Path, monkeypatch: pytest.MonkeyPatch) -> AbstractContextManager[Any]:
    """The profiles name accounts that are gone."""
    for path in (root / "profiles").glob("*.yaml"):
        path.write_text(path.read_text().replace("zelda-id", "zelda-quux"))
    return nullcontext()


def unparsable_profile(root: Path, monkeypatch: pytest.MonkeyPatch) -> AbstractContextManager[Any]:
    """The profiles are no YAML."""
    for path in (root / "profiles").glob("*.yaml"):
        path.write_text("subject: {Chemotherapy")
    return nullcontext()


def broken_config(root: Path, monkeypatch: pytest.MonkeyPatch) -> AbstractContextManager[Any]:
    """An account of gbook.yaml is not valid."""
    (root / "gbook.yaml").write_text(ACCOUNTS.replace("zelda@private.example", "Chemotherapy"))
    return nullcontext()


@contextmanager
def locked(root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Another program holds the locks of all files."""
    files = [*root.glob("*.ics"), *(root / "profiles").glob("*.yaml"), root / "profiles/profiles"]
    with ExitStack() as held:
        for path in files:
            held.enter_context(hold_lock(beside(str(path), "lock"), [str(path)], 0))
        held.enter_context(patience(0.05))
        yield


@contextmanager
def bug(root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """gbook has a bug, whose error has something private."""

    def fail(*arguments: object) -> None:
        raise RuntimeError(f"{root}: Chemotherapy of zelda-id")

    with monkeypatch.context() as patched:
        for target, name in ((ProfileStore, "_paths"), (personal_profiles, "week_answer")):
            patched.setattr(target, name, fail)
        patched.setattr("gbook.bookings.records._read_versions", fail)
        yield


FAILURES: dict[Failure, set[tuple[int, str]]] = {
    healthy: {(200, "")},
    unreadable_calendars: {(200, ""), (503, "calendars_unreadable")},
    broken_profile: {(200, ""), (503, "workspace_invalid"), (404, "not_found")},
    unparsable_profile: {(200, ""), (503, "workspace_invalid"), (404, "not_found")},
    broken_config: {(503, "workspace_invalid")},
    locked: {(200, ""), (503, "busy")},
    bug: {(500, "failure")},
}


@pytest.fixture
def office(tmp_path: Path) -> Office:
    """A workspace full of secrets."""
    root = tmp_path / "s3cret"
    (root / "profiles").mkdir(parents=True)
    (root / "gbook.yaml").write_text(ACCOUNTS)
    group = "accounts: [zelda-id]\ngroups: [{extId: sales, accountIds: [zelda-id, yorick-id]}]"
    personal = "accounts: [zelda-id]\nowner: zelda-id"
    (root / "profiles/demo.yaml").write_text(PROFILE.format(number=1, members=group))
    (root / "profiles/mine.yaml").write_text(PROFILE.format(number=2, members=personal))
    for name in ("hush.ics", "hush2.ics"):
        (root / name).write_text(CALENDAR)
    api = Api(root)
    paths = {"{clientId}": add_client(root, "website", 0).client.id, "{name}": "demo"}
    for key, caller, path, start in (
        ("reservations/{id}", api, "/group/profiles/1", FREE[0]),
        ("personal", api.as_account("zelda-id"), "/account/profiles/2", FREE[1]),
    ):
        sent = {**MEETING, "time": {"start": start}}
        held = caller.ok("POST", f"{path}/meeting", sent, {"reserveForMinutes": 30})
        paths[key] = f"reservations/{held['reservationId']}"
    return Office(api, paths)


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: failure.__name__)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_no_answer_has_anything_private(
    office: Office,
    operation: str,
    failure: Failure,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Neither the body nor a header, and the status is the one for this failure."""
    route = OPERATIONS[operation]
    caller, method, path, body, query = office.requests(operation, route.method, route.path)
    with failure(office.api.root, monkeypatch):
        answer = caller.ask(method, path, body, query)
    code = "" if answer.status_code == 200 else answer.json["code"]
    assert (answer.status_code, code) in FAILURES[failure], answer.text
    if answer.status_code == 503:
        assert int(answer.headers["retry-after"]) > 0
    _assert_private(answer)
    logged = "".join(capsys.readouterr()).lower()
    assert not [text for text in (*SECRETS[:4], *GUEST) if text in logged]


@pytest.mark.parametrize("operation", WRONG)
def test_no_refusal_has_anything_private(office: Office, operation: str) -> None:
    """Requests that do not fit are refused with what the client itself has sent."""
    route = OPERATIONS[operation]
    caller, method, path, _, query = office.requests(operation, route.method, route.path)
    answer = caller.ask(method, path, WRONG[operation], query)
    assert answer.status_code in (400, 409), answer.text
    _assert_private(answer)


def _assert_private(answer: Any) -> None:
    told = f"{answer.text}\n{answer.headers}".lower()
    assert not [text for text in SECRETS if text in told], told


def test_the_operations_that_take_a_body_are_all_here() -> None:
    """A new operation with a body needs one in these tables."""
    with_body = {route.operation_id for route in ROUTES if route.body is not None}
    assert with_body == BODIES.keys() == WRONG.keys()
