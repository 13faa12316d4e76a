"""Shades of a cell, distinct without colour too: none, three levels of some, all; and their legend."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from gbook.render.text import Styled, cell_length

if TYPE_CHECKING:
    from gbook.render.console import Console

__all__ = ["ALL", "NONE", "legend", "legend_lines", "level", "shades"]

NONE, ALL = 0, 4


def shades(console: Console) -> str:
    """Return one character a level."""
    return ".-=+#" if console.ascii_only else "·░▒▓█"


def level(part: int, whole: int) -> int:
    """Return the level of `part` in `whole`: NONE and ALL are exact, with three levels between them."""
    if part <= 0:
        return NONE
    return ALL if part >= whole else 1 + (part - 1) * 3 // (whole - 1)


def legend(console: Console, least: int, whole: int) -> list[str]:
    """Return the counts that each level from `least` to `whole` stands for: `░ 1–2`, `█ 6`."""
    parts: dict[int, list[int]] = {}
    for part in range(least, whole + 1):
        parts.setdefault(level(part, whole), []).append(part)
    return [
        f"{shades(console)[step]} {some[0]}" + (f"–{some[-1]}" if len(some) > 1 else "")
        for step, some in parts.items()
    ]


def legend_lines(entries: Iterable[Iterable[Styled]], width: int, gap: int) -> list[list[Styled]]:
    """Return entries side by side, with `gap` spaces between, in as few lines as they fit into."""
    lines: list[list[Styled]] = []
    room = 0
    for entry in map(list, entries):
        length = sum(cell_length(part.text) for part in entry)
        if lines and gap + length <= room:
            lines[-1] += [Styled(" " * gap), *entry]
            room -= gap + length
        else:
            lines.append(entry)
            room = width - length
    return lines
