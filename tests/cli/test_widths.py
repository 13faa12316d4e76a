"""The output of commands on terminals of five widths, as recorded; no word and no command is broken."""

from __future__ import annotations

import itertools
import os
import pty
import re
import shlex
import sys
import uuid
from contextlib import suppress
from pathlib import Path

import pytest
from support.answer_builders import recorded
from support.consoles import make_console
from support.environment import clean_environment
from support.running import GBOOK, Gbook

from gbook.render import console

WIDTHS = [30, 60, 80, 100, 140]
# Run in this order; `ID` stands for the booking, `RID` for the reservation.
COMMANDS = """\
book --slot first --name "Ada Lovelace" --email ada@example.com --required all
book --slot 2026-11-24T11:30 --reserve 2d
reservation list
booking list
booking show ID
profiles-for --from tomorrow --to +7d
why 2026-11-24T11:30 --required all
availability --from 2026-11-28 --to 2026-11-29
availability --to friday
availability
availability --view list --required all --to tomorrow
availability --view grid --to friday
availability --view people --from 2026-11-24 --for 2d
availability --view text --required all
availability --with alice,bob --duration 1h30 --for 1w
busy
busy --to +30d
agenda --from 2026-11-24 --for 2d
account list
account show carol
profile list
profile show review
profile validate
check
booking reschedule ID --slot 2026-11-25T10:00
booking cancel ID
booking list
reservation drop RID
propose --first 2 --for 2d --required all --name Omar --email omar@example.org --guest-tz Asia/Tokyo
reservation list
account add jane --email jane@example.com --create
profile create intro --duration 45 --account jane
profile attach-accounts intro alice bob
""".splitlines()


# How lines begin that are for a mail, which are never wrapped.
TO_PASTE = r"30 minutes, within|\w+ \d+ \w+: |Demo for Omar: which|Please reply"
VIEWS = """\
availability
availability --view list
availability --view grid
availability --view people
availability --view text
busy
busy --to +30d
agenda --for 1w
propose --slot first --for 1d --dry-run
help availability
""".splitlines()


@pytest.mark.parametrize("line", VIEWS)
def test_no_piped_line_ends_with_spaces(line: str, gbook: Gbook, tmp_path: Path) -> None:
    """Lines can be compared and pasted as they are."""
    assert gbook("init", "--demo", str(tmp_path)).code == 0
    result = gbook("--workspace", str(tmp_path), *line.split())
    assert result.code == 0, result.err
    assert [line for line in result.out.splitlines() if line.endswith(" ")] == []


@pytest.mark.parametrize("width", [30, 80])
def test_a_message_on_a_terminal_breaks_no_word(width: int, tmp_path: Path) -> None:
    """A command in it stays whole, to be copied."""
    environ = clean_environment(tmp_path, COLUMNS=str(width), TERM="xterm")
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(tmp_path)
        os.execve(GBOOK, ["gbook", "availability"], environ)
    shown = b""
    with suppress(OSError):  # the program has closed its side
        while data := os.read(terminal, 4096):
            shown += data
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 4
    lines = shown.decode().splitlines()
    assert any("`gbook init --demo`" in line for line in lines), lines
    assert [line for line in lines if len(line) > width] == []


@pytest.mark.parametrize("width", WIDTHS)
def test_output_looks_as_recorded(
    width: int, gbook: Gbook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All commands that show lists, records and explanations, in the demo workspace."""
    numbers = itertools.count(1)
    monkeypatch.setattr(uuid, "uuid4", lambda: uuid.uuid5(uuid.NAMESPACE_OID, str(next(numbers))))
    monkeypatch.setattr(console, "stdout_console", lambda: make_console(sys.stdout, width, color=True))
    monkeypatch.chdir(tmp_path)
    gbook("init", "--demo")
    ids: dict[str, str] = {}
    shown: list[str] = []
    for line in COMMANDS:
        words = [ids.get(word, word) for word in shlex.split(line)]
        result = gbook(*words)
        assert result.code == 0, result.err
        out = re.sub(r" +\n", "\n", re.sub(r"\x1b\[[\d;]*m", "", result.out))
        if match := re.search(r"\S+@gbook", out) if words[0] == "book" else None:
            ids["RID" if "--reserve" in words else "ID"] = match[0]
        shown.append(f"$ gbook {line}\n{out}")
    # A VTIMEZONE has more or fewer lines by icalendar's version; lines after it have numbers of two digits.
    text = re.sub(r"(?m)(?<=ics:)\d\d|\b\d\d(?= +warning)", "NN", "\n".join(shown))
    assert text == recorded(f"commands-{width}", text)
    for line in text.splitlines():
        assert len(line) <= width or re.match(rf" *(?:\$|gbook |\S+$|{TO_PASTE})", line), line
