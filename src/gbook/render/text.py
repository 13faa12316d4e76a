"""Text from files made safe to show."""

from __future__ import annotations

import unicodedata

__all__ = ["clean"]

_BIDI = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean(text: str) -> str:
    """One line without anything that a terminal would obey: control codes, overrides of the direction."""
    if text.isprintable():
        return text
    return "".join(
        " " if char in "\t\r\n" else char
        for char in text
        if char in "\t\r\n" or (unicodedata.category(char) not in {"Cc", "Cs", "Co"} and char not in _BIDI)
    )
