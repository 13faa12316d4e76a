"""Shades of a cell, told apart without colour too: none of it, some in three steps, all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["ALL", "NONE", "legend", "level", "shades"]

NONE, ALL = 0, 4


def shades(console: Console) -> str:
    """One character a level."""
    return ".-=+#" if console.options.ascii_only else "·░▒▓█"


def level(part: int, whole: int) -> int:
    """The level of `part` in `whole`: NONE and ALL are exact, what lies between has three levels."""
    if part <= 0:
        return NONE
    return ALL if part >= whole else 1 + (part - 1) * 3 // (whole - 1)


def legend(console: Console, least: int, whole: int) -> list[str]:
    """What the levels of `least` to `whole` stand for, counted: `░ 1–2`, `█ 6`."""
    parts: dict[int, list[int]] = {}
    for part in range(least, whole + 1):
        parts.setdefault(level(part, whole), []).append(part)
    return [
        f"{shades(console)[step]} {some[0]}" + (f"–{some[-1]}" if len(some) > 1 else "")
        for step, some in parts.items()
    ]
