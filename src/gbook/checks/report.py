"""The findings of a check: what is wrong, where, and how to fix it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from gbook.errors import Problem

__all__ = ["Finding", "Report", "error", "of_problems", "warning"]


class Finding(NamedTuple):
    """An error, which gbook refuses or cannot trust, or a warning, which may be intended.

    `path` is relative to the workspace, as the user wrote it; `line` counts from 1. The message ends with the
    remedy unless that is obvious.
    """

    severity: Literal["error", "warning"]
    code: str
    message: str
    path: str | None = None
    line: int | None = None


@dataclass(frozen=True)
class Report:
    """All findings, by file and line, and the number of things that were checked."""

    findings: list[Finding]
    accounts: int
    calendars: int
    events: int
    profiles: int

    def count(self, severity: str) -> int:
        """Return the number of findings of a severity."""
        return sum(finding.severity == severity for finding in self.findings)

    @property
    def is_valid(self) -> bool:
        """No finding is an error."""
        return not self.count("error")


def error(code: str, message: str, path: str | None = None, line: int | None = None) -> Finding:
    """Return a finding that is an error."""
    return Finding("error", code, message, path, line)


def warning(code: str, message: str, path: str | None = None, line: int | None = None) -> Finding:
    """Return a finding that is a warning."""
    return Finding("warning", code, message, path, line)


def of_problems(code: str, problems: Iterable[Problem], path: str) -> Iterator[Finding]:
    """Yield each problem of an invalid file as an error."""
    for problem in problems:
        message = f"{problem.key}: {problem.message}" if problem.key else problem.message
        yield error(code, message, path, problem.line)
