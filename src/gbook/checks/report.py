"""What a check finds: one line of what is wrong, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from gbook.errors import Problem

__all__ = ["Finding", "Report", "error", "of_problems", "warning"]


class Finding(NamedTuple):
    """An error is what gbook refuses or cannot trust; a warning is what only looks like a mistake.

    `path` is as the user named it, from the workspace on; `line` counts from 1. The message ends with the
    remedy where there is one that is not plain.
    """

    severity: Literal["error", "warning"]
    code: str
    message: str
    path: str | None = None
    line: int | None = None


@dataclass(frozen=True)
class Report:
    """All findings, in the order of files and lines, and how much was looked at."""

    findings: list[Finding]
    accounts: int
    calendars: int
    events: int
    profiles: int

    def count(self, severity: str) -> int:
        """How many findings are of a severity."""
        return sum(finding.severity == severity for finding in self.findings)

    @property
    def is_valid(self) -> bool:
        """Whether there is no error."""
        return not self.count("error")


def error(code: str, message: str, path: str | None = None, line: int | None = None) -> Finding:
    """Something that is wrong."""
    return Finding("error", code, message, path, line)


def warning(code: str, message: str, path: str | None = None, line: int | None = None) -> Finding:
    """Something that looks wrong."""
    return Finding("warning", code, message, path, line)


def of_problems(code: str, problems: Iterable[Problem], path: str) -> Iterator[Finding]:
    """The problems of an invalid file, each as an error."""
    for problem in problems:
        message = f"{problem.key}: {problem.message}" if problem.key else problem.message
        yield error(code, message, path, problem.line)
