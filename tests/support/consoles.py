"""Consoles that write to memory, with and without rich."""

from __future__ import annotations

from typing import TextIO

from rich.console import Console as RichConsole

from gbook.render.console import Console, Direct


def make_console(
    file: TextIO,
    width: int,
    *,
    height: int = 24,
    color: bool = False,
    no_color: bool = False,
    only_rich: bool = False,
) -> Console:
    """Return a console that writes to `file`; `color` makes it a terminal, `no_color` one without colours."""

    def make_rich() -> RichConsole:
        return RichConsole(
            file=file,
            width=width,
            height=height,
            force_terminal=color,
            color_system="standard" if color else None,
            no_color=no_color,
            legacy_windows=False,
            highlight=False,
            emoji=False,
            markup=False,
            _environ={},
        )

    return Console(
        make_rich, None if only_rich else Direct(file, width, color, color and not no_color, height)
    )
