"""The JSON document of a list command."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = ["listing"]


def listing(records: Sequence[Any]) -> dict[str, Any]:
    """Return the API's answer to a list operation, with all records on one page."""
    return {"offset": 0, "totalSize": len(records), "done": True, "records": records}
