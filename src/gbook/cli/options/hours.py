"""The option --hours: work hours as people type them."""

from __future__ import annotations

from typing import Any

import msgspec

from gbook.errors import UsageError
from gbook.profiles.hours import parse_hours

__all__ = ["typed_hours"]


def typed_hours(specs: list[str]) -> Any:
    """Return the day schedules of --hours as plain data. Raises UsageError, which names the option."""
    try:
        return msgspec.to_builtins(parse_hours(specs))
    except UsageError as error:
        raise UsageError(f"--hours: {error.message}") from None
