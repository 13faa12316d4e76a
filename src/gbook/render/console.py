"""The output of commands: written directly if rich's layout would not change it, else through rich.

Importing rich takes as long as a warm query, and its layout of a long table takes longer.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cache, cached_property
from typing import TYPE_CHECKING, NamedTuple, TextIO

from gbook.render.text import Styled, cell_length, is_single_line

if TYPE_CHECKING:
    from rich.console import Console as RichConsole
    from rich.console import RenderableType

__all__ = ["NARROW", "Console", "Direct", "stdout_console", "terminal_size"]

# The width of tables and the height of views without a terminal, in any environment.
PIPE_WIDTH, PIPE_HEIGHT = 100, 24
# Below this width, a list that does not fit is shown as blocks of lines.
NARROW = 80
# The ANSI codes of styles, in the order in which rich writes them (ECMA-48, 8.3.117).
ATTRIBUTES = {"bold": "1", "dim": "2", "reverse": "7"}
COLORS = {"red": "31", "green": "32", "yellow": "33"}
# Variables that tell rich to see a terminal in another way than described in `_terminal`.
_OVERRIDES = ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE")


class Direct(NamedTuple):
    """How to write text without rich: the size in cells, and whether styles and colours are shown."""

    file: TextIO
    width: int
    has_style: bool = False
    has_color: bool = False
    height: int = PIPE_HEIGHT

    def paint(self, text: str, style: str) -> str:
        """Return text in a style, as rich writes it. Raises KeyError for a style not known here."""
        if not text or not style:
            return text
        codes = _codes(style, has_color=self.has_color)
        return f"\x1b[{codes}m{text}\x1b[0m" if codes and self.has_style else text


# Thousands of cells have a few styles.
@cache
def _codes(style: str, *, has_color: bool) -> str:
    """Return the ANSI codes of a style. Raises KeyError for a style not known here."""
    words = style.split()
    codes = sorted({ATTRIBUTES[word] for word in words if word not in COLORS})
    if has_color:
        codes += [COLORS[word] for word in words if word in COLORS][-1:]
    return ";".join(codes)


class Console:
    """A terminal or another stream. `direct` is None if only rich knows how to write to it."""

    def __init__(self, make_rich: Callable[[], RichConsole], direct: Direct | None = None) -> None:
        self._make_rich = make_rich
        self.direct = direct

    @cached_property
    def rich(self) -> RichConsole:
        """The same stream for rich."""
        return self._make_rich()

    @property
    def width(self) -> int:
        """The number of cells in a line."""
        return self.direct.width if self.direct else self.rich.width

    @property
    def height(self) -> int:
        """The number of lines that are visible at once; without a terminal, PIPE_HEIGHT."""
        if not self.is_terminal:
            return PIPE_HEIGHT
        return self.direct.height if self.direct else self.rich.height

    @property
    def is_terminal(self) -> bool:
        """A person sees the output now."""
        return self.direct.has_style if self.direct else self.rich.is_terminal

    @property
    def ascii_only(self) -> bool:
        """Characters beyond ASCII cannot be written."""
        return not self.direct and self.rich.options.ascii_only

    def print(
        self, content: str | Styled | RenderableType = "", *, soft_wrap: bool = False, end: str = "\n"
    ) -> None:
        """Print text, wrapped at the width unless `soft_wrap`; or what else rich can show."""
        if isinstance(content, str | Styled):
            content = content if isinstance(content, Styled) else Styled(content)
            text = self._painted(content, soft_wrap=soft_wrap)
            if text is not None and self.write(_without_blanks(text + end)):
                return
            content = content.rich()
        self._print_rich(content, soft_wrap=soft_wrap, end=end)

    def print_words(self, text: str | Styled) -> None:
        """Print a sentence; on a terminal it is broken between words, but a command at its end is not."""
        text, style = text if isinstance(text, Styled) else Styled(text)
        lines = [text]
        if self.is_terminal and cell_length(text) > self.width:
            from gbook.render.wrapping import sentence_lines

            lines = sentence_lines(text, self.width)
        for line in lines:
            self.print(Styled(line, style), soft_wrap=True)

    def print_line(self, parts: Iterable[Styled]) -> None:
        """Print a line of parts in different styles; it is never wrapped."""
        parts = _trimmed(list(parts))
        if self.direct and all(is_single_line(text) for text, _ in parts):
            line = "".join(self.direct.paint(text, style) for text, style in parts)
            if self.write(f"{line}\n"):
                return
        from rich.text import Text

        self._print_rich(Text.assemble(*parts), soft_wrap=True)

    def print_parts(self, parts: Sequence[Styled]) -> None:
        """Print a sentence of parts in different styles; one that is too long for a line has no style."""
        text = "".join(part.text for part in parts)
        if cell_length(text) <= self.width:
            self.print_line(parts)
        else:
            self.print_words(text)

    def _print_rich(self, content: RenderableType, *, soft_wrap: bool, end: str = "\n") -> None:
        """Print through rich; no line ends with spaces that have no style."""
        with self.rich.capture() as captured:
            self.rich.print(content, soft_wrap=soft_wrap, end=end)
        self.rich.file.write(_without_blanks(captured.get()))

    def print_lines(self, lines: Iterable[Iterable[Styled]]) -> None:
        """Print many such lines at once."""
        shown = [list(line) for line in lines]
        if self.direct and all(is_single_line(text) for line in shown for text, _ in line):
            paint = self.direct.paint
            text = "".join(["".join([paint(*part) for part in _trimmed(line)]) + "\n" for line in shown])
            if self.write(text):
                return
        for line in shown:
            self.print_line(line)

    def write(self, text: str) -> bool:
        """Write text as it is; False if it cannot be written directly."""
        if self.direct is None:
            return False
        try:
            self.direct.file.write(text)
        except UnicodeEncodeError:
            return False
        self.direct.file.flush()
        return True

    def _painted(self, content: Styled, *, soft_wrap: bool) -> str | None:
        """Return text with its style, wrapped unless `soft_wrap`; None if rich knows better."""
        text, style = content
        lines = text.split("\n")
        if self.direct is None or not all(map(is_single_line, lines)):
            return None
        width = self.direct.width
        if not soft_wrap and any(cell_length(line) > width for line in lines):
            from gbook.render.wrapping import wrap

            lines = [part for line in lines for part in wrap(line, width)]
        return "\n".join([self.direct.paint(line, style) for line in lines])


def _without_blanks(text: str) -> str:
    """Return text without the spaces before line breaks."""
    return re.sub(" +\n", "\n", text) if " \n" in text else text


def _trimmed(parts: list[Styled]) -> list[Styled]:
    """Return the parts of a line without spaces at its end."""
    while parts and not (text := parts[-1].text.rstrip(" ")):
        parts.pop()
    return [*parts[:-1], parts[-1]._replace(text=text)] if parts else []


def stdout_console(environ: Mapping[str, str] = os.environ) -> Console:
    """Return a console for stdout; without a terminal, one of fixed width and without colour."""
    is_terminal = sys.stdout.isatty()

    def make_rich() -> RichConsole:
        from rich.console import Console as RichConsole

        return RichConsole(
            width=None if is_terminal else PIPE_WIDTH,
            no_color=None if is_terminal else True,
            force_terminal=None if is_terminal else False,
            highlight=False,
            emoji=False,
            markup=False,
        )

    if not (sys.stdout.encoding or "utf-8").lower().startswith("utf"):
        return Console(make_rich)
    return Console(make_rich, _terminal(environ) if is_terminal else Direct(sys.stdout, PIPE_WIDTH))


def _terminal(environ: Mapping[str, str]) -> Direct | None:
    """Return how to write to a terminal; None for an unusual one."""
    if (
        os.name != "posix"
        or any(name in environ for name in _OVERRIDES)
        or environ.get("TERM", "").lower() in ("dumb", "unknown")
    ):
        return None
    width, height = terminal_size(environ)
    return Direct(sys.stdout, width, True, not environ.get("NO_COLOR"), height) if width else None


def terminal_size(environ: Mapping[str, str] = os.environ) -> tuple[int, int]:
    """Return the columns and lines of the terminal, as COLUMNS and LINES say, or else the system."""
    columns, lines = 80, PIPE_HEIGHT
    for descriptor in range(3):
        with suppress(OSError):
            size = os.get_terminal_size(descriptor)
            columns, lines = size.columns or columns, size.lines or lines
            break
    named = (environ.get(name, "") for name in ("COLUMNS", "LINES"))
    width, height = (
        int(text) if text.isdigit() else size for text, size in zip(named, (columns, lines), strict=True)
    )
    return width, height
