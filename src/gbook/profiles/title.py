"""The title of a profile, as clients and guests see it, and the name of a file that is made from it."""

from __future__ import annotations

import re
from typing import Annotated, Any

from msgspec import Meta

from gbook.yamlfiles.field_types import read_line

__all__ = ["Title", "read_title", "slug"]

# The longest title and the longest slug, in characters.
MAX_TITLE = 200
MAX_SLUG = 80


def read_title(value: Any) -> str:
    """Return a title: one line of at most MAX_TITLE characters, stripped. Raises ValueError."""
    title = read_line(value)
    if not 0 < len(title) <= MAX_TITLE:
        raise ValueError(f"expected 1 to {MAX_TITLE} characters, found {len(title)}")
    return title


Title = Annotated[str, Meta(extra={"read": read_title})]


def slug(title: str) -> str:
    """Return lower-case ASCII words of a title, joined by hyphens, with letters instead of umlauts.

    It is empty if there are none. Digits alone would look like the id of a profile, so they get a word.
    """
    import unicodedata

    decomposed = unicodedata.normalize("NFKD", title.casefold()).encode("ascii", "ignore").decode()
    words = "-".join(re.findall("[a-z0-9]+", decomposed))[:MAX_SLUG].rstrip("-")
    return f"profile-{words}" if words.isdecimal() else words
