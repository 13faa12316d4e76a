"""Checks of bookings: copies that differ or are missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gbook.bookings.records import read_unfinished
from gbook.bookings.repair import differences
from gbook.calendars.stores.base import Store
from gbook.checks.report import Finding, warning
from gbook.errors import GbookError
from gbook.workspace.workspace import Workspace

__all__ = ["check_copies"]


def check_copies(workspace: Workspace, failed: Mapping[Store, GbookError], now: int) -> Iterator[Finding]:
    """Yield the copies of current bookings that differ or are missing. `failed` calendars are not read."""
    records, _ = read_unfinished(workspace, failed)
    for record in records:
        for difference in differences(workspace, record, now):
            yield warning(difference.code, difference.message, difference.path)
