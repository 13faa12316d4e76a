"""gbook on a pseudo-terminal whose screen can be read: for questions, lists and keys."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from support.running import PATIENCE

__all__ = ["CLEAR", "CTRL_C", "DOWN", "ENTER", "ESCAPE", "UP", "Screen", "Terminal", "terminal"]

UP, DOWN, ENTER, ESCAPE, CTRL_C, CLEAR = "\x1b[A", "\x1b[B", "\r", "\x1b", "\x03", "\x15"
_CONTROL = re.compile(r"\x1b\[([?\d;]*)([@-~])|\x1b[^\[]|[\r\n\x08\x07]")


class Screen:
    """What a terminal shows, without colours; it never scrolls."""

    def __init__(self) -> None:
        self._lines: list[list[str]] = [[]]
        self._row = self._column = 0
        self._rest = ""

    @property
    def text(self) -> str:
        return "\n".join("".join(line).rstrip() for line in self._lines)

    @property
    def row(self) -> int:
        """The number of the line of the cursor."""
        return self._row

    @property
    def line(self) -> str:
        """The line of the cursor."""
        return "".join(self._lines[self._row]).rstrip()

    @property
    def question(self) -> str:
        """The line of the cursor, or the one above it if the answer is below its question."""
        above = "".join(self._lines[self._row - 1]).rstrip() if self._row else ""
        return above if above.startswith("? ") and above.endswith(":") and self.line[:1] != "?" else self.line

    def feed(self, data: str) -> None:
        """Show what a program writes; an escape sequence may end in the next data."""
        data, self._rest = self._rest + data, ""
        if cut := re.search(r"\x1b(?:\[[?\d;]*)?$", data):
            data, self._rest = data[: cut.start()], cut[0]
        at = 0
        for match in _CONTROL.finditer(data):
            self._write(data[at : match.start()])
            self._obey(match)
            at = match.end()
        self._write(data[at:])

    def _write(self, text: str) -> None:
        line = self._lines[self._row]
        line += [" "] * (self._column - len(line))
        line[self._column : self._column + len(text)] = text
        self._column += len(text)

    def _obey(self, match: re.Match[str]) -> None:
        numbers, letter = match[1] or "", match[2] or match[0]
        count = int(numbers) if numbers.isdigit() else 1
        match letter:
            case "\r":
                self._column = 0
            case "\n":
                self._move_down(1)
            case "\x08":
                self._column = max(0, self._column - 1)
            case "A":
                self._row = max(0, self._row - count)
            case "B":
                self._move_down(count)
            case "C":
                self._column += count
            case "D":
                self._column = max(0, self._column - count)
            case "K":
                del self._lines[self._row][self._column :]
            case "J":
                del self._lines[self._row][self._column :]
                del self._lines[self._row + 1 :]

    def _move_down(self, count: int) -> None:
        self._row += count
        self._lines += [[] for _ in range(self._row + 1 - len(self._lines))]


class Terminal:
    """A running gbook, its screen and its keyboard."""

    def __init__(self, child: int, file: int) -> None:
        self._child = child
        self._file = file
        self.screen = Screen()
        # The row of the last answer.
        self._answered = -1

    def press(self, *keys: str) -> None:
        """Type keys or text."""
        os.write(self._file, "".join(keys).encode())

    def wait(self, *texts: str) -> str:
        """Return the screen once it shows all of `texts`; a question may arrive before what is below it."""
        return self._wait(lambda: all(text in self.screen.text for text in texts), f"expected {texts}")

    def answer(self, question: str, text: str) -> None:
        """Type an answer once a question is asked; it replaces a refused one.

        A question that is asked again is below the refused answer: what is typed before it appears is lost.
        """
        self._wait(lambda: self._asks(question), f"expected {question!r}")
        self._answered = self.screen.row
        self.press(CLEAR, text, ENTER)

    def _asks(self, question: str) -> bool:
        return self.screen.row > self._answered and self.screen.question.startswith(f"? {question}")

    def end(self) -> tuple[int, str]:
        """Return the exit code of the program, once it ends, and the screen."""
        shown = self._wait(lambda: False, "the program does not end")
        return os.waitstatus_to_exitcode(os.waitpid(self._child, 0)[1]), shown

    def _wait(self, is_reached: Callable[[], bool], problem: str) -> str:
        deadline = time.monotonic() + PATIENCE
        while not is_reached():
            assert time.monotonic() < deadline, f"{problem}, saw:\n{self.screen.text}"
            if not select.select([self._file], [], [], 0.1)[0]:
                continue
            try:
                data = os.read(self._file, 65536)
            except OSError:  # the program has closed its side
                data = b""
            if not data:
                assert problem.startswith("the program"), f"{problem}, saw:\n{self.screen.text}"
                break
            self.screen.feed(data.decode(errors="replace"))
        return self.screen.text


@contextmanager
def terminal(*arguments: str, folder: Path, columns: int = 80, lines: int = 24) -> Iterator[Terminal]:
    """Start gbook in a folder, on a terminal of this size."""
    child, file = pty.fork()
    if child == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        os.chdir(folder)
        os.environ["TERM"] = "xterm"
        os.execv(sys.executable, [sys.executable, "-m", "gbook", *arguments])
    try:
        yield Terminal(child, file)
    finally:
        os.close(file)
