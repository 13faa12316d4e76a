"""Dates of pages, written alike with every release of Unicode CLDR, from which Babel takes its formats.

Releases differ in the spaces of a range and of a time, and in the comma after an English weekday. That is no
fault of a page, so tests compare what this makes of its words.
"""

from __future__ import annotations

import re

__all__ = ["plain"]

_RANGE = re.compile(r"(?<=[\w.]) – (?=\w)")
_WEEKDAY = re.compile(r"(?<=day), (?=\d)")


def plain(text: str) -> str:
    """Return a text with single plain spaces, ranges as 7–11 and days as Monday 30 November."""
    return _WEEKDAY.sub(" ", _RANGE.sub("–", " ".join(text.split())))
