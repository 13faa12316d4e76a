"""Types of query parameters, which arrive as text."""

from __future__ import annotations

import re
from typing import Any

from msgspec import Meta

__all__ = ["in_query"]


def _read_number(value: Any) -> Any:
    """Return a number that arrived as text; other text stays, for the message."""
    return int(value) if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,20}", value) else value


# Marks the type of a number as one of a query parameter.
in_query = Meta(extra={"read": _read_number})
