"""Text from people, files and servers, made safe for a property value or a message."""

__all__ = ["one_line", "printable"]

# ZERO WIDTH NON-JOINER and ZERO WIDTH JOINER.
JOINERS = "\u200c\u200d"


def one_line(text: str) -> str:
    """Return text as one line without control characters, so that a name stays one property value.

    Joiners inside a word stay: Persian and Indic words and many emoji are spelled with them.
    """
    return " ".join(filter(None, (word.strip(JOINERS) for word in _spaced(text).split())))


def printable(text: str) -> str:
    """Return text without control characters other than line breaks."""
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join(map(_spaced, lines))


def _spaced(text: str) -> str:
    """Return text with a space for each control character."""
    return "".join(char if char.isprintable() or char in JOINERS else " " for char in text)
