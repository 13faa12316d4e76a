"""Text from files made safe to show."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["clean", "shorten"]

# Characters. A path may have 300, and its end says more than its middle.
_LONG = 300
_LONG_WORD = re.compile(rf"\S{{{_LONG + 1},}}")
_LONGEST = 1500
_BIDI = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def clean(text: str) -> str:
    """Return one line without control codes and changes of direction, which a terminal would interpret."""
    if text.isprintable():
        return text
    return "".join(
        " " if char in "\t\r\n" else char
        for char in text
        if char in "\t\r\n" or (unicodedata.category(char) not in {"Cc", "Cs", "Co"} and char not in _BIDI)
    )


def shorten(line: str) -> str:
    """Return a line of at most about 1,500 characters; a `…` replaces each part that is cut."""
    if len(line) <= _LONG:
        return line
    line = _LONG_WORD.sub(lambda word: f"{word[0][:200]}…{word[0][-60:]}", line)
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
