"""What fails after a change was made never makes a client try again."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

import msgspec
import pytest
from support.api import FREE, Api, make_api_office

from gbook.profiles import editing
from gbook.service.operations import meetings, reservations
from gbook.service.routes.table import ROUTES

MEETING = "/group/profiles/1/meeting"
BODY = {"time": {"start": FREE[0]}}


def fail(*arguments: object) -> NoReturn:
    raise RuntimeError("a bug, with a secret")


@pytest.mark.parametrize("query", [{}, {"reserveForMinutes": 10}])
def test_a_booking_whose_answer_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], query: dict[str, int]
) -> None:
    """The answer is that of success, the time is taken once, and the log has the bug."""
    api = Api(make_api_office(tmp_path / "office"))
    with monkeypatch.context() as patch:
        patch.setattr(meetings, "notify", fail)
        assert api.ok("POST", MEETING, BODY, query) == {"created": not query}
    assert api.refused("POST", MEETING, BODY) == (409, "slot_unavailable")
    log = capsys.readouterr().err
    assert "a bug in gbook: RuntimeError" in log and "secret" not in log


def test_a_cancellation_and_a_confirmation_whose_answer_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both are made, and say so."""
    api = Api(make_api_office(tmp_path / "office"))
    number = api.ok("POST", MEETING, BODY, {"reserveForMinutes": 10})["reservationId"]
    with monkeypatch.context() as patch:
        patch.setattr(reservations, "notify", fail)
        assert api.ok("POST", f"/group/reservations/{number}/confirm") == {}
    assert set(api.ok("POST", f"/group/reservations/{number}/confirm")) == {"id", "rescheduleToken"}


def test_a_profile_whose_answer_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its file is written."""
    api = Api(make_api_office(tmp_path / "office"))
    create = editing.create

    def create_and_fail(*arguments: Any) -> NoReturn:
        create(*arguments)
        fail()

    with monkeypatch.context() as patch:
        patch.setattr(editing, "create", create_and_fail)
        assert api.ok("POST", "/group/profiles", {"name": "second"}) == {}
    assert api.ok("GET", "/group/profiles")["totalSize"] == 2


def test_a_bug_before_the_change_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is written, and the answer is a 500 without the text of the bug."""
    api = Api(make_api_office(tmp_path / "office"))
    monkeypatch.setattr(meetings, "booking_request", fail)
    answer = api.ask("POST", MEETING, BODY)
    assert (answer.status_code, answer.json["code"]) == (500, "failure")
    assert "secret" not in answer.text


def test_every_answer_of_a_change_can_be_short() -> None:
    """The least answer fits the model of every operation that changes something."""
    for route in ROUTES:
        if route.method != "GET" and route.operation_id != "bookingGroupAvailability":
            msgspec.convert({"status": "Ok", "created": True}, route.answer)
