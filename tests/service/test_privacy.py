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
from support.api import FREE, PRIVATE_CALENDAR, TAKEN, Api
from support.private_office import ACCOUNTS, SECRETS

from gbook.clients.editing import add_client
from gbook.filesystem.companions import beside
from gbook.filesystem.flock import hold_lock, patience
from gbook.profiles.store import ProfileStore
from gbook.service.operations import work_hours
from gbook.service.routes.table import ROUTES

GUEST = ("jane doe", "jane@example.net", "call me at 555")
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
CALENDAR = PRIVATE_CALENDAR.replace("Dentist", "Chemotherapy")
FIELDS = {"name": "new", "subject": "x"}
MEETING = {
    "time": {"start": FREE[4]},
    "schedulerInfo": {"name": "Jane Doe", "email": "jane@example.net"},
    "substitutionData": {"comments": "call me at 555"},
}
DAY = {"timeMin": "2026-11-24T00:00:00Z", "timeMax": "2026-11-25T00:00:00Z"}


class Office(NamedTuple):
    """A workspace with a group profile and a personal one, each with a meeting and a reservation.

    The variables of paths have their values in `group`, and for personal profiles in `personal`.
    """

    api: Api
    group: dict[str, str]
    personal: dict[str, str]
    token: str

    def request(self, operation: str, body: Any = None) -> tuple[Api, str, str, Any, Any]:
        """Return how an operation is asked for: by whom, method, path, body (or this one) and query."""
        route = OPERATIONS[operation]
        is_personal = route.path.startswith("/v1/book/account")
        path = route.path.removeprefix("/v1/book")
        for variable, value in (self.personal if is_personal else self.group).items():
            path = path.replace(variable, value)
        caller = self.api.as_account("zelda-id") if is_personal else self.api
        query = {"rescheduleToken": self.token} if operation == "cancelMeeting" else None
        return caller, route.method, path, BODIES.get(operation) if body is None else body, query


# The body of each operation that has one.
BODIES: dict[str, Any] = {
    "createGroupBooking": FIELDS,
    "create": FIELDS,
    "updateGroupBooking": {"subject": "x"},
    "updateBooking": {"subject": "x"},
    "attachAccountsGroupBooking": {"accountIds": [2]},
    "detachAccountsGroupBooking": {"accountIds": [1]},
    "attachGroupsBooking": {"groups": [{"extId": "g", "accountIds": [2]}]},
    "detachGroupsBooking": {"groups": [{"extId": "sales", "accountIds": [2]}]},
    "bookingGroupCreateMeeting": MEETING,
    "bookingAccountCreateMeeting": MEETING,
    "createMeeting": MEETING,
    "bookingGroupAvailability": DAY,
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
WRITING = {
    name for name, route in OPERATIONS.items() if route.method != "GET" and name != "bookingGroupAvailability"
}
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
        for target, name in ((ProfileStore, "_files"), (work_hours, "week_answer")):
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
    team = "accounts: [zelda-id]\ngroups: [{extId: sales, accountIds: [zelda-id, yorick-id]}]"
    own = "accounts: [zelda-id]\nowner: zelda-id"
    (root / "profiles/demo.yaml").write_text(PROFILE.format(number=1, members=team))
    (root / "profiles/mine.yaml").write_text(PROFILE.format(number=2, members=own))
    for name in ("hush.ics", "hush2.ics"):
        (root / name).write_text(CALENDAR)
    api = Api(root)
    group, token = _variables(api, "/group/profiles/1", 0)
    personal, _ = _variables(api.as_account("zelda-id"), "/account/profiles/2", 2)
    group |= {"{clientId}": add_client(root, "website", 0).client.id, "{name}": "demo"}
    return Office(api, group, personal, token)


def _variables(api: Api, path: str, first: int) -> tuple[dict[str, str], str]:
    """Book and reserve, and return the values of the variables of paths, and the token of the booking."""
    sent = [{**MEETING, "time": {"start": start}} for start in FREE[first : first + 2]]
    made = api.ok("POST", f"{path}/meeting", sent[0])
    held = api.ok("POST", f"{path}/meeting", sent[1], {"reserveForMinutes": 30})
    values = {
        "profiles/{id}": f"profiles/{path[-1]}",
        "reservations/{id}": f"reservations/{held['reservationId']}",
        "{meetingId}": made["id"],
    }
    return values, made["rescheduleToken"]


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
    caller, *request = office.request(operation)
    with failure(office.api.root, monkeypatch):
        answer = caller.ask(*request)
    code = "" if answer.status_code == 200 else answer.json["code"]
    assert (answer.status_code, code) in FAILURES[failure], answer.text
    if failure is locked and operation in WRITING:
        assert answer.status_code == 503
    if answer.status_code == 503:
        assert int(answer.headers["retry-after"]) > 0
    _assert_private(answer)
    logged = "".join(capsys.readouterr()).lower()
    credentials = caller.authorization.partition(" ")[2].lower()
    assert not [text for text in (*SECRETS[:4], *GUEST, credentials, office.token.lower()) if text in logged]


@pytest.mark.parametrize("operation", WRONG)
def test_no_refusal_has_anything_private(office: Office, operation: str) -> None:
    """Requests that do not fit are refused with what the client itself has sent."""
    caller, *request = office.request(operation, WRONG[operation])
    answer = caller.ask(*request)
    assert answer.status_code in (400, 409), answer.text
    _assert_private(answer)


def _assert_private(answer: Any) -> None:
    told = f"{answer.text}\n{answer.headers}".lower()
    assert not [text for text in (*SECRETS, ".ics") if text in told], told


def test_the_operations_that_take_a_body_are_all_here() -> None:
    """A new operation with a body needs one in these tables."""
    with_body = {route.operation_id for route in ROUTES if route.body is not None}
    assert with_body == BODIES.keys() == WRONG.keys()
