"""Errors as clients see them: by their class alone."""

from __future__ import annotations

import pytest

import gbook
from gbook.errors import GbookError, InvalidFile, Locked, LoginRefused, NotFound, Unreachable, UsageError
from gbook.service.problems import from_error

PRIVATE = "/home/zelda/hush.ics: Chemotherapy"


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (gbook.SlotUnavailable(PRIVATE), 409, "slot_unavailable"),
        (gbook.Refused(PRIVATE), 409, "refused"),
        (gbook.KeyTaken(PRIVATE), 409, "key_taken"),
        (gbook.SlotUnknown(PRIVATE), 503, "calendars_unreadable"),
        (Unreachable("dav.private.example", PRIVATE), 503, "calendars_unreadable"),
        (LoginRefused(PRIVATE, server="dav.private.example"), 503, "calendars_unreadable"),
        (Locked(PRIVATE), 503, "busy"),
        (NotFound(PRIVATE), 404, "not_found"),
        (InvalidFile(PRIVATE, [PRIVATE]), 503, "workspace_invalid"),
        (UsageError(PRIVATE), 400, "invalid_request"),
        (GbookError(PRIVATE), 503, "failure"),
    ],
)
def test_an_error_has_its_answer(error: GbookError, status: int, code: str) -> None:
    """Nothing of its text is in it, and a 5xx says when to try again."""
    answer = from_error(error)
    assert (answer.status, answer.code) == (status, code)
    assert ("Retry-After" in answer.headers) == (status >= 500)
    assert "private" not in answer.message
    assert "hush" not in answer.message


def test_each_request_has_an_error_of_its_own() -> None:
    """An error that is raised again and again would keep the frames of all requests."""
    assert from_error(Locked("x")) is not from_error(Locked("x"))
