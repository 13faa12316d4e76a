"""The log: a line for each request, and nothing of a client or a guest in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.http_service import HttpService

from gbook.errors import GbookError, InvalidFile, Problem
from gbook.service import log

LINE = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z [0-9a-f-]{36} (\S+) (\S+) (\d{3}) \d+\.\d+ms (\S+)"
)
GUEST = {"schedulerInfo": {"name": "Jane Secret", "email": "jane@example.com"}}
SLOT = {"time": {"start": "2026-11-24T14:00:00Z", "end": "2026-11-24T14:30:00Z"}}


def test_each_request_has_a_line(http_service: HttpService) -> None:
    """It has the path of the table of routes; its id is that of the answer."""
    booked = http_service.ask("POST", "/v1/book/group/profiles/1/meeting?reserveForMinutes=5", SLOT | GUEST)
    assert booked.status == 200
    http_service.ask("GET", "/v1/nothing/jane@example.com?x=jane@example.com")
    http_service.ask("JANE", "/healthz", is_anonymous=True, x_jane="jane@example.com")
    http_service.stop()
    lines = [LINE.fullmatch(line) for line in http_service.log.splitlines()]
    assert [line and line.groups() for line in lines] == [
        ("POST", "/v1/book/group/profiles/{id}/meeting", "200", http_service.credentials.client_id),
        ("GET", "-", "404", "-"),
        ("-", "/healthz", "400", "-"),
    ]
    assert booked.headers["x-request-id"] in http_service.log
    assert http_service.credentials.secret not in http_service.log
    assert "jane" not in http_service.log.lower()


def raised(text: str) -> Exception:
    """Return an error as it is caught."""
    try:
        Path(text).read_bytes()
    except OSError as error:
        return error
    raise AssertionError


def test_a_bug_is_a_line_with_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    """The text of an error may have anything in it."""
    log.bug(raised("/jane@example.com"), "id")
    line = capsys.readouterr().err
    assert re.search(r"Z id a bug in gbook: FileNotFoundError at \S+\.py:\d+; GBOOK_DEBUG=1 ", line)
    assert "jane" not in line


def test_what_the_operator_has_to_mend_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """The file or the server, and what the system says; not what is in a file."""
    disk = GbookError("/w/bob.ics: full", path="/w/bob.ics")
    disk.__cause__ = raised("/w/bob.ics")
    for error in (InvalidFile("/w/alice.ics", ["Chemotherapy"]), disk):
        log.failure(error, "id")
    lines = [line.partition("Z ")[2] for line in capsys.readouterr().err.splitlines()]
    assert lines == ["id invalid: /w/alice.ics", "id failure: /w/bob.ics (No such file or directory)"]


def test_where_settings_are_wrong_is_in_the_line(capsys: pytest.CaptureFixture[str]) -> None:
    """The lines and the keys, not the values."""
    problems = [Problem("jane", key="mail"), Problem("jane", line=3), Problem("jane", "accounts[0]", 4)]
    log.failure(InvalidFile("/w/gbook.yaml", problems), "id")
    line = capsys.readouterr().err.partition("Z ")[2]
    assert line == "id invalid: /w/gbook.yaml (mail; line 3; line 4, accounts[0]); `gbook check` says more\n"


def test_debugging_shows_everything(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The operator asks for it."""
    monkeypatch.setenv("GBOOK_DEBUG", "1")
    log.bug(raised("/jane@example.com"))
    assert "Traceback" in capsys.readouterr().err


def test_a_trouble_is_told_when_it_changes(capsys: pytest.CaptureFixture[str]) -> None:
    """Not with each request."""
    trouble = log.Trouble("not ready", over="ready again")
    for reason in (None, "a", "a", "b", None, None):
        trouble.note(reason)
    lines = [line.partition("Z ")[2] for line in capsys.readouterr().err.splitlines()]
    assert lines == ["not ready: a", "not ready: b", "ready again"]
