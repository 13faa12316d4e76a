"""Errors as clients see them.

Each answer is written here, from the class of an error and from what the client itself has sent. The text of
gbook's own errors, which names files, accounts and events, stays on the server.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import gbook
from gbook.errors import GbookError, InvalidFile, Locked, LoginRefused, NotFound, Unreachable, UsageError

__all__ = [
    "ApiError",
    "Problem",
    "Refusal",
    "calendars_unreadable",
    "from_error",
    "invalid",
    "not_found",
    "refuse",
]

# The path of a key of the request, and what is wrong there.
Problem = tuple[str, str]


class ApiError(Exception):
    """An answer with an HTTP status of 400 or more; `code` is stable, and `message` is for people."""

    def __init__(self, status: int, code: str, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class Refusal(ApiError):
    """A 400 with every problem of a request (pairs of key path and message), or a 409 with other slots."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        problems: Sequence[Problem] = (),
        alternatives: Sequence[Any] = (),
    ) -> None:
        super().__init__(status, code, message)
        self.problems = problems
        self.alternatives = alternatives


def invalid(*problems: Problem) -> Refusal:
    """Return the answer to a request with these problems."""
    return Refusal(400, "invalid_request", "the request is not valid; see problems", problems)


def refuse(problems: Iterable[Problem]) -> None:
    """Raise the answer to a request with these problems, if there are any."""
    if found := [*problems]:
        raise invalid(*found)


def not_found() -> ApiError:
    """Return the answer about anything that a caller cannot see, the same for what does not exist."""
    return ApiError(404, "not_found", "nothing has this id")


def calendars_unreadable() -> ApiError:
    """Return the answer to a request that needs a calendar which cannot be read."""
    return ApiError(503, "calendars_unreadable", "calendars cannot be read", Retry_After="30")


# The first class that matches counts. Each request gets an error of its own: a raised one keeps its frames.
_ANSWERS: tuple[tuple[type[GbookError], Callable[[], ApiError]], ...] = (
    (gbook.SlotUnknown, calendars_unreadable),
    (gbook.KeyTaken, partial(ApiError, 409, "key_taken", "the Idempotency-Key was used for another request")),
    (
        gbook.NotAsked,
        partial(ApiError, 503, "workspace_invalid", "the server has to be mended", Retry_After="60"),
    ),
    (gbook.Refused, partial(ApiError, 409, "refused", "the booking is refused")),
    (gbook.SlotUnavailable, partial(ApiError, 409, "slot_unavailable", "the time cannot be booked")),
    (NotFound, not_found),
    (Locked, partial(ApiError, 503, "busy", "another change is being made", Retry_After="1")),
    (
        gbook.Unfinished,
        partial(ApiError, 503, "busy", "an earlier request is being completed", Retry_After="120"),
    ),
    (Unreachable, calendars_unreadable),
    (LoginRefused, calendars_unreadable),
    (
        InvalidFile,
        partial(ApiError, 503, "workspace_invalid", "the server has to be mended", Retry_After="60"),
    ),
    (UsageError, partial(ApiError, 400, "invalid_request", "the request is not valid")),
)


def from_error(error: GbookError) -> ApiError:
    """Return the answer to a request that has ended with an error of gbook's."""
    for kind, answer in _ANSWERS:
        if isinstance(error, kind):
            return answer()
    return ApiError(503, "failure", "the server cannot do this now", Retry_After="30")
