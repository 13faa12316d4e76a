"""Text from files made safe to show."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from rich.text import Text

__all__ = ["Styled", "cell_length", "clean", "is_narrow", "is_single_line", "shorten"]

# Characters. A path may have 300, and its end says more than its middle.
_LONG = 300
_LONG_WORD = re.compile(rf"\S{{{_LONG + 1},}}")
_LONGEST = 1500
_BIDI = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

# Characters that rich removes, replaces or splits lines at; a joiner at an end of a word, which would join
# other text; and at the end of a line, spaces that rich may replace by others.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]|(?:^|\s)\u200d|\u200d(?:\s|$)|[^\S ]$")
# Characters that each fill one cell of a terminal: these are measured without importing rich.
_NARROW = re.compile("[\x20-\x7e\xa0-\xac\xae-\u02ff\u0370-\u0482\u2010-\u2027\u2500-\u25fc]*")


class Styled(NamedTuple):
    """Text in one style, such as `bold` or `dim`."""

    text: str
    style: str = ""

    def rich(self) -> Text:
        """Return it as rich's text."""
        from rich.text import Text

        return Text(self.text, style=self.style)


def is_single_line(text: str) -> bool:
    """Return whether text has no line break, no control character and no joiner at an end of a word."""
    return text.isprintable() or not _CONTROL.search(text)


def is_narrow(text: str) -> bool:
    """Return whether each character is known to fill one cell of a terminal."""
    return text.isascii() or bool(_NARROW.fullmatch(text))


def cell_length(text: str) -> int:
    """Return how many cells of a terminal a text fills: two for a wide character, none for an accent."""
    if is_narrow(text):
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


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
