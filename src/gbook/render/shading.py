"""Shades of a cell, distinct without colour too: none, three levels of some, all."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gbook.render.console import Console

__all__ = ["ALL", "NONE", "legend", "level", "shades"]

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
