"""Values as error messages quote them."""

from __future__ import annotations

from typing import Any

__all__ = ["quote"]

# A longer text is cut.
_MAX_QUOTED = 60


def quote(value: Any) -> str:
    """Return a value as an error message quotes it: short and on one line."""
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case dict():
            return "keys and values"
        case list() | tuple():
            return "a list"
        case str() if len(value) > _MAX_QUOTED:
            return repr(f"{value[:_MAX_QUOTED]}…")
        case _:
            return repr(value)
