"""The examples of README.md and docs/: read from a page, run in one shell, compared or recorded.

An example is a line `$ command` of a ```console block and the output that follows it (`> ` goes on with a
command). The examples of a page are one session: they run in order, in a copy of the sample workspace, at a
fixed time; a line `<!-- now TIME -->` sets another time for those below it. In the expected output `…`
matches any text in a line, and a line `...` matches any lines. A server that a session starts listens on
another port than the page says, and ends with the session.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from support.environment import clean_environment
from support.ports import free_port
from support.samples import ROOT, copy_samples

__all__ = [
    "NOW", "PAGES", "Example", "Outcome", "Screens", "matches", "record", "run_session", "screens", "session",
]  # fmt: skip

PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
NOW = "2026-11-22T12:00:00Z"
# The port of `gbook serve` in pages.
PORT = "8080"
# Ids are random; in examples they are a fixed sequence, so that pages can show them.
SAME_IDS = """\
import hashlib, os, pathlib, uuid
drawn = pathlib.Path(os.environ["HOME"], ".drawn")
def draw():
    with drawn.open("ab") as file:
        file.write(b".")
        return uuid.UUID(bytes=hashlib.md5(b"%d" % file.tell()).digest(), version=4)
uuid.uuid4 = draw
"""


class Example(NamedTuple):
    """A command of a page, and its expected output, which is in the lines `[begin, end)`."""

    command: str
    expected: list[str]
    begin: int
    end: int
    now: str = NOW


class Outcome(NamedTuple):
    """The output of a command on both streams, and its exit code."""

    output: list[str]
    code: int


class Screens(NamedTuple):
    """The blocks of a page that show what a terminal shows while a person chooses."""

    page: Path
    # The lines `[begin, end)` of each block.
    blocks: list[tuple[int, int]]

    @property
    def shown(self) -> list[list[str]]:
        """The content of the blocks."""
        lines = self.page.read_text(encoding="utf-8").splitlines()
        return [lines[begin:end] for begin, end in self.blocks]

    def record(self, contents: Sequence[Sequence[str]]) -> None:
        """Write the content of each block into the page."""
        lines = self.page.read_text(encoding="utf-8").splitlines()
        for (begin, end), content in reversed(list(zip(self.blocks, contents, strict=True))):
            lines[begin:end] = content
        self.page.write_text("\n".join(lines) + "\n", encoding="utf-8")


def screens(page: Path) -> Screens:
    """Return the text blocks of a page."""
    return Screens(page, list(_blocks(page.read_text(encoding="utf-8").splitlines(), "text")))


def session(page: Path) -> list[Example]:
    """Return the examples of a page."""
    lines = page.read_text(encoding="utf-8").splitlines()
    return [
        example._replace(now=_time_above(lines[:begin]))
        for begin, end in _blocks(lines, "console")
        for example in _examples(lines, begin, end)
    ]


def _time_above(lines: Sequence[str]) -> str:
    """Return the time that the lines above an example set."""
    return next(
        (match[1] for line in reversed(lines) if (match := re.fullmatch(r"<!-- now (\S+) -->", line))), NOW
    )


def _blocks(lines: Sequence[str], kind: str) -> Iterator[tuple[int, int]]:
    """Yield the range of lines of each block of a kind."""
    begin: int | None = None
    for i, line in enumerate(lines):
        if line == f"```{kind}":
            begin = i + 1
        elif line == "```" and begin is not None:
            yield begin, i
            begin = None


def _examples(lines: list[str], begin: int, end: int) -> Iterator[Example]:
    starts = [i for i in range(begin, end) if lines[i].startswith("$ ")]
    for start, stop in pairwise([*starts, end]):
        output = start + 1
        while output < stop and (lines[output] == ">" or lines[output].startswith("> ")):
            output += 1
        command = "\n".join(line[2:] for line in lines[start:output])
        yield Example(command, lines[output:stop], output, stop)


def run_session(examples: Sequence[Example], home: Path) -> list[Outcome]:
    """Run the commands of a page in one shell, and return their outcomes; the workspace is ~/team."""
    workspace = copy_samples(home / "team")
    (home / "lib").mkdir()
    (home / "lib" / "sitecustomize.py").write_text(SAME_IDS)
    mark, port = "-- end of example --", str(free_port())
    script = home / "session.sh"
    script.write_text(
        "trap 'kill $(jobs -p) 2> /dev/null' EXIT\n"
        + "".join(
            f"export GBOOK_NOW={example.now}\n{_on_port(example.command, port)}\n"
            f"printf '\\n{mark} %d\\n' $?\n"
            for example in examples
        )
    )
    done = subprocess.run(
        ["bash", script],
        cwd=workspace,
        env=clean_environment(home, PYTHONPATH=str(home / "lib")),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=300,
        check=False,
    )
    text = done.stdout.decode().replace(str(home), "~").replace(f"127.0.0.1:{port}", f"127.0.0.1:{PORT}")
    parts = re.split(rf"\n{mark} (\d+)\n", text)
    return [Outcome(_lines(output), int(code)) for output, code in zip(parts[::2], parts[1::2], strict=False)]


def _on_port(command: str, port: str) -> str:
    """Return a command of a page with its server at another port."""
    served = re.sub(r"\bgbook serve\b", f"gbook serve --listen 127.0.0.1:{port}", command)
    return served.replace(f"127.0.0.1:{PORT}", f"127.0.0.1:{port}")


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines()]


def matches(expected: Sequence[str], output: Sequence[str]) -> bool:
    """Return whether an output matches the expected lines of a page."""
    pattern = "".join(
        r"(?:.*\n)*?" if line == "..." else ".*".join(map(re.escape, line.rstrip().split("…"))) + r"\n"
        for line in expected
    )
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in output)) is not None


def record(page: Path, examples: Sequence[Example], outcomes: Sequence[Outcome]) -> None:
    """Write the outputs that differ into the page; ellipses must be put in again by hand."""
    lines = page.read_text(encoding="utf-8").splitlines()
    for example, outcome in reversed(list(zip(examples, outcomes, strict=True))):
        if not matches(example.expected, outcome.output):
            lines[example.begin : example.end] = outcome.output
    page.write_text("\n".join(lines) + "\n", encoding="utf-8")
