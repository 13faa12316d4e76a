"""The API over a workspace, as its clients use it, without a network: for tables of cases."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from secrets import token_hex
from typing import Any

from falcon import testing
from support.api_access import basic_header, bearer_header
from support.contract import assert_fits

from gbook.cache import Cache
from gbook.clients.editing import revoke_tokens
from gbook.service.access.control import AccessControl
from gbook.service.app import application
from gbook.service.call import Job
from gbook.service.routes.table import ROUTES
from gbook.workspace.serve import Serve
from gbook.workspace.workspace import Workspace, open_workspace

__all__ = ["ALICE", "BOB", "CAROL", "DAY_NS", "FREE", "PRIVATE_CALENDAR", "TAKEN", "Api", "make_api_office"]

# The numbers of the accounts.
ALICE, BOB, CAROL = 1, 2, 3
# Times of demo on Tuesday, in order; the tests run on Monday. At the last, alice has an appointment.
FREE = [f"2026-11-24T{time}:00Z" for time in ("08:00", "08:30", "09:30", "10:00", "10:30")]
TAKEN = "2026-11-24T09:00:00Z"
DAY_NS = 86_400_000_000_000
_CONFIG = """
timezone: Europe/Berlin
accounts:
  - {id: alice, number: 1, name: Alice Liddell, email: alice@example.com, calendars: [alice.ics]}
  - {id: bob, number: 2, name: Bob Sawyer, email: bob@example.com, calendars: [bob.ics]}
  - {id: carol, number: 3, email: carol@example.com, calendars: [carol]}
"""
_PROFILE = """
id: 1
durationMinutes: 30
availabilityStep: 30
timeAvailableFor: P7D
subject: Demo
workHours:
  timezone: Europe/Berlin
  daySchedules:
    - {dayOfWeek: tuesday, workingIntervals: [{start: "09:00", end: "12:00"}]}
    - {dayOfWeek: friday, workingIntervals: [{start: "09:00", end: "12:00"}]}
"""
PRIVATE_CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//somebody//else//EN
BEGIN:VEVENT
UID:theirs
DTSTART:20261124T090000Z
DTEND:20261124T093000Z
SUMMARY:Dentist
CLASS:PRIVATE
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")


def make_api_office(folder: Path, members: str = "accounts: [alice]", more: str = "") -> Path:
    """Make a workspace with the profile demo, and return it; alice is busy at TAKEN.

    `more` is added to gbook.yaml.
    """
    (folder / "profiles").mkdir(parents=True)
    (folder / "gbook.yaml").write_text(_CONFIG + more)
    (folder / "profiles/demo.yaml").write_text(f"{_PROFILE}{members}\n")
    (folder / "alice.ics").write_text(PRIVATE_CALENDAR)
    (folder / "bob.ics").write_text(PRIVATE_CALENDAR.replace("20261124", "20261201"))
    (folder / "carol").mkdir()
    return folder


def _schema(method: str, path: str) -> str:
    """Return the name of the schema that the answer to a request has."""
    for route in ROUTES:
        pattern = re.sub(r"{\w+}", "[^/]+", route.path)
        if route.method == method and re.fullmatch(pattern, f"/v1/book{path}"):
            return route.answer.__name__
    raise AssertionError(f"{method} {path} is no operation")


class Api:
    """The API of the workspace in a folder. Work after a change waits in `jobs` until `run_jobs`."""

    def __init__(self, root: Path, index: Path | None = None, pace: int = DAY_NS) -> None:
        self.root = root
        self._index = index
        self.jobs: list[Job] = []
        # The time between two requests, in nanoseconds: with a day no limit of public requests is reached.
        access = AccessControl(root, Serve(), partial(next, count(0, pace)))
        self.app = application(ROUTES, self.opened, access, self.jobs.append)
        self._client = testing.TestClient(self.app)
        self.authorization = basic_header(root, f"tests-{token_hex(4)}")

    @property
    def client_id(self) -> str:
        """The id of the client that asks."""
        return b64decode(self.authorization.removeprefix("Basic ")).decode().partition(":")[0]

    @contextmanager
    def opened(self) -> Iterator[Workspace]:
        """Hold the workspace as it is now."""
        cache = Cache(self._index)
        workspace = open_workspace(self.root, cache)
        try:
            yield workspace
        finally:
            workspace.close()
            cache.close()

    def as_account(self, account_id: str) -> Api:
        """Return the same API with the token of an account."""
        other = Api(self.root)
        revoke_tokens(self.root, account_id)
        other.authorization = bearer_header(self.root, account_id)
        return other

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> testing.Result:
        """Return the answer to a request; the path is below /v1/book.

        A success fits the contract's schema, and every answer has the number of its request.
        """
        sent = {"Authorization": self.authorization, **(headers or {})}
        answer = self._client.simulate_request(
            method, f"/v1/book{path}", params=query, json=body, headers=sent, host="localhost"
        )
        assert answer.headers["x-request-id"]
        if answer.status_code == 200:
            assert_fits(_schema(method, path), answer.json)
        else:
            assert answer.json["requestId"] == answer.headers["x-request-id"]
        return answer

    def ok(self, method: str, path: str, body: Any = None, query: Mapping[str, Any] | None = None) -> Any:
        """Return the document of a request that must succeed."""
        answer = self.ask(method, path, body, query)
        assert answer.status_code == 200, answer.text
        return answer.json

    def refused(
        self, method: str, path: str, body: Any = None, query: Mapping[str, Any] | None = None
    ) -> tuple[int, str]:
        """Return the status and code of a request that must fail."""
        answer = self.ask(method, path, body, query)
        assert answer.status_code != 200, answer.text
        return answer.status_code, answer.json["code"]

    def problems(
        self, method: str, path: str, body: Any = None, query: Mapping[str, Any] | None = None
    ) -> dict[str, str]:
        """Return the problems of a request that is not valid, by key."""
        answer = self.ask(method, path, body, query)
        assert (answer.status_code, answer.json["code"]) == (400, "invalid_request"), answer.text
        return {problem["key"]: problem["message"] for problem in answer.json["problems"]}

    def starts(self, path: str, **query: Any) -> list[str]:
        """Return the starts of the times that a profile offers."""
        return [item["start"] for item in self.ok("GET", f"{path}/meeting", query=query)["items"]]

    def run_jobs(self) -> list[str]:
        """Do the work that answers did not wait for, and return the codes of its warnings."""
        with self.opened() as workspace:
            warnings = [warning for job in self.jobs for warning in job(workspace)]
        self.jobs.clear()
        return [warning.code for warning in warnings]
