"""Copies of a booking that differ, or are missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from gbook.bookings.copies import differences
from gbook.bookings.records import read_unfinished
from gbook.checks.report import Finding, warning
from gbook.errors import GbookError
from gbook.workspace.workspace import Workspace

__all__ = ["check_copies"]


def check_copies(workspace: Workspace, failed: Mapping[Path, GbookError], now: int) -> Iterator[Finding]:
    """Find copies of bookings that do not agree. Calendars that have `failed` are not read."""
    records, _ = read_unfinished(workspace, failed)
    for record in records:
        for found in differences(workspace, record, now):
            yield warning(found.code, found.message, found.path)
