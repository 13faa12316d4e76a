"""Where calendars are, short enough for tables and answers: a long address as its host and its end."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["short_place", "short_places"]

# Servers often end the addresses of all users in the same name, so the user's part is kept too.
KEPT_PARTS = 2


def short_place(shown: str) -> str:
    """Return the address of a calendar as `dav.example.com/…/jane/team/`; a path on a disk as it is."""
    scheme, mark, rest = shown.partition("://")
    if not mark or scheme not in ("http", "https"):
        return shown
    host, *parts = rest.rstrip("/").split("/")
    left_out = ["…"] if len(parts) > KEPT_PARTS else []
    end = "/" if rest.endswith("/") else ""
    return "/".join([host, *left_out, *parts[-KEPT_PARTS:]]) + end


def short_places(places: Iterable[str]) -> list[str]:
    """Return each of the calendars once, shortened; those that would look the same stay whole."""
    whole = list(dict.fromkeys(places))
    short = [short_place(each) for each in whole]
    return [each if short.count(brief) > 1 else brief for each, brief in zip(whole, short, strict=True)]
