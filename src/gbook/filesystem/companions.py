"""The names of gbook's hidden files beside a file: its lock, its journal, its temporary files.

For `alice.ics` these are `.alice.ics.gbook-lock`, `.alice.ics.gbook-journal` and
`.alice.ics.0123456789abcdef.gbook-tmp`. They are hidden, so that no program takes them for calendars,
profiles, or events of a vdir.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

__all__ = ["beside", "temporaries_in", "temporary"]


def beside(path: str, kind: str) -> str:
    """Return the path of the hidden file of this kind (`lock`, `journal`) beside a file."""
    folder, name = os.path.split(path)
    return os.path.join(folder, f".{name}.gbook-{kind}")


def temporary(path: str, writer: str) -> str:
    """Return the path of a temporary file beside `path`; `writer` is an id of 16 hexadecimal digits."""
    folder, name = os.path.split(path)
    return os.path.join(folder, f".{name}.{writer}.gbook-tmp")


def temporaries_in(folder: str) -> Iterator[tuple[str, str]]:
    """Yield each temporary file in a folder, with the name of the file that it belongs to. Raises OSError."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if match := re.fullmatch(_TEMPORARY, entry.name):
                yield entry.path, match[1]


# Compiled at the first use.
_TEMPORARY = r"\.(.+)\.[0-9a-f]{16}\.gbook-tmp"
