"""Errors and warnings.

All errors derive from `GbookError`; each class has its exit code, and the `code` of its JSON document. A
message is one line: what happened, where, what to do. Only `cli` prints messages.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

__all__ = [
    "UNREAD",
    "GbookError",
    "Interrupted",
    "InvalidFile",
    "Locked",
    "LoginRefused",
    "MailFailed",
    "NotFound",
    "Problem",
    "Unreachable",
    "UsageError",
    "Warn",
    "did_you_mean",
    "unread",
]


# The codes of `unread`.
UNREAD = ("unreadable_calendar", "locked_calendar", "unreachable_calendar")


class Warn(NamedTuple):
    """A warning: a problem that did not stop the command.

    `code` is stable; docs/reference/json.md lists all codes. `path` is the file as the user named it; `line`
    counts from 1.
    """

    code: str
    message: str
    account_id: str | None = None
    path: str | None = None
    line: int | None = None


class Problem(NamedTuple):
    """One mistake in a file: `message` says what was expected; `key` (a key path) and `line` say where."""

    message: str
    key: str | None = None
    line: int | None = None

    def __str__(self) -> str:
        parts = (
            f"line {self.line}" if self.line else None,
            self.key,
        )
        position = ", ".join(filter(None, parts))
        return f"{position}: {self.message}" if position else self.message


class GbookError(Exception):
    """A failure of the machine or of gbook; the root of all errors.

    `details` are extra members of the JSON error: JSON values only.
    """

    code = "failure"
    exit_code = 1

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


class UsageError(GbookError):
    """The command line is wrong."""

    code = "usage"
    exit_code = 2


class NotFound(GbookError):
    """No such workspace, profile, account, group, booking or reservation."""

    code = "not_found"
    exit_code = 4


class InvalidFile(GbookError):
    """A file is invalid; `problems` lists everything that is wrong with it, and so does the message."""

    code = "invalid"
    exit_code = 5

    def __init__(self, path: str, problems: Iterable[Problem | str]) -> None:
        listed = [p if isinstance(p, Problem) else Problem(p) for p in problems]
        lines = [str(p) for p in listed]
        text = f"{path}: {lines[0]}" if len(lines) == 1 else "\n  ".join([f"{path}:", *lines])
        super().__init__(text, path=path, problems=[p._asdict() for p in listed])
        self.path = path
        self.problems = listed


class Locked(GbookError):
    """Another program holds a lock for longer than gbook waits."""

    code = "locked"
    exit_code = 6


class LoginRefused(GbookError):
    """A server refuses the login, or needs one and gbook.yaml has none."""

    code = "login_refused"
    exit_code = 5


class Unreachable(GbookError):
    """A server cannot be reached, or its answer did not arrive whole.

    `sent` says whether it may have received the request, so that the result of a write is not known. `status`
    is the HTTP status, if there was one.
    """

    code = "unreachable"
    exit_code = 6

    def __init__(self, server: str, reason: str, *, sent: bool = False, status: int | None = None) -> None:
        super().__init__(f"{server}: {reason}", server=server)
        self.reason = reason
        self.sent = sent
        self.status = status


class MailFailed(GbookError):
    """A mail could not be sent. After a booking this is only a warning."""

    code = "mail_failed"


class Interrupted(GbookError):
    """Ctrl-C; no file was left half-written."""

    code = "interrupted"
    exit_code = 130


def unread(error: GbookError, account_id: str, path: str) -> Warn:
    """Return the warning for a calendar that cannot be read; its account is not known to be free."""
    if isinstance(error, Unreachable):
        return Warn("unreachable_calendar", error.reason, account_id, path)
    code = "locked_calendar" if isinstance(error, Locked) else "unreadable_calendar"
    # The path is shown beside the message.
    if isinstance(error, InvalidFile) and error.path == path:
        return Warn(code, str(error.problems[0]), account_id, path)
    if isinstance(error, LoginRefused):
        return Warn(code, error.message.removeprefix(f"{error.details['server']}: "), account_id, path)
    return Warn(code, error.message, account_id, path)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `"; did you mean X?"`, with the nearest of `known` or one that starts with `name`; else `""`."""
    from difflib import get_close_matches

    by_folded = {candidate.casefold(): candidate for candidate in known}
    folded = name.casefold()
    near = get_close_matches(folded, by_folded, n=1, cutoff=0.6)
    near += [candidate for candidate in by_folded if len(folded) > 1 and candidate.startswith(folded)]
    return f"; did you mean {by_folded[near[0]]}?" if near else ""
