"""A new user in an empty folder, who follows each message."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.doc_examples import NOW, run_session, screens, session
from support.environment import clean_environment
from support.samples import ROOT
from support.terminal import DOWN, ENTER, terminal

MOMENTS = {
    "a sunday": "2026-11-22T12:00:00Z",
    "a wednesday": "2026-06-10T15:30:00Z",
    "a friday night": "2027-01-15T23:59:00Z",
}


class Newcomer:
    """A shell, and the output of its last command."""

    def __init__(self, home: Path, now: str) -> None:
        self._folder = home
        self._environment = clean_environment(home, TZ="America/New_York", GBOOK_NOW=now)
        self.shown = ""

    def types(self, command: str) -> str:
        """Run a command that must succeed; the shell keeps its working folder."""
        done = subprocess.run(
            ["bash", "-c", f"{command}\nstatus=$?; pwd >&2; exit $status"],
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        *errors, folder = done.stderr.splitlines()
        assert done.returncode == 0, (command, errors)
        assert not errors
        self._folder = Path(folder)
        self.shown = done.stdout
        return self.shown

    def does(self, beginning: str, **values: str) -> str:
        """Return the command with this beginning from the output, with its placeholders filled in."""
        match = re.search(rf"((?:cd \S+ && )?{beginning}\b.*)", self.shown)
        assert match, f"{beginning!r} is not in:\n{self.shown}"
        command = match[1]
        for name, value in values.items():
            assert re.search(rf"\b{name}\b", command), command
            command = re.sub(rf"\b{name}\b", value, command)
        return self.types(command)


@pytest.fixture(
    params=[
        pytest.param(moment, id=name, marks=pytest.mark.slow if number else [])
        for number, (name, moment) in enumerate(MOMENTS.items())
    ]
)
def newcomer(request: pytest.FixtureRequest, tmp_path: Path) -> Newcomer:
    return Newcomer(tmp_path, request.param)


def test_every_message_leads_on(newcomer: Newcomer) -> None:
    """From an empty folder to a booking that was moved and cancelled, by the commands that gbook offers."""
    assert "gbook init" in newcomer.types("gbook --help")
    newcomer.does("gbook init --demo team")
    assert " slots on " in newcomer.does("gbook availability")
    first = re.search(r"--slot (\S+)", newcomer.shown)
    assert first
    assert "Available (needs" in newcomer.types(f"gbook why {first[1]}")
    assert newcomer.does("gbook book", NAME="Jane", EMAIL="jane@example.com").startswith("Booked ")
    assert "Jane" in newcomer.types("gbook booking list")
    identity = re.search(r"\b[0-9a-f]{8}$", newcomer.shown, re.MULTILINE)
    assert identity
    assert "jane@example.com" in newcomer.does("gbook booking show", ID=identity[0])
    moved = newcomer.does("gbook booking reschedule", TIME="first")
    assert moved.startswith(("Moved to ", "Unchanged: ")), "the first slot may be its own"
    assert newcomer.does("gbook booking cancel").startswith("Cancelled ")
    assert f"--slot {first[1]}" in newcomer.does("gbook availability")


@pytest.mark.slow
def test_what_is_not_possible_leads_on_too(newcomer: Newcomer) -> None:
    """For a time that is taken, the messages give the reason and a remedy that works."""
    newcomer.types("gbook init --demo . && gbook availability --required all")
    newcomer.does("gbook book", NAME="Jane", EMAIL="jane@example.com")
    taken = re.search(r"Booked \w{3} (\d+ \w{3} \d{4} \d\d:\d\d)", newcomer.shown)
    assert taken
    shown = newcomer.types(f"gbook why {taken[1]} --required all")
    assert "Not available" in shown
    assert "Demo for Jane" in shown
    assert "What would help" in shown


@pytest.mark.parametrize("command", ["gbook", "gbook booking"])
def test_a_command_alone_shows_its_help(newcomer: Newcomer, command: str) -> None:
    """There is no other output, and the exit code is that of a wrong command line."""
    assert newcomer.types(f"{command}; test $? = 2").lstrip().startswith("Usage: ")


@pytest.mark.slow
def test_a_team_of_ones_own_is_soon_there(newcomer: Newcomer) -> None:
    """From an empty workspace to a booking, each message names the next step."""
    newcomer.types("gbook init office")
    newcomer.does("gbook account add", ID="jane", E="jane@example.com")
    newcomer.does("gbook profile create", NAME="intro")
    newcomer.does("gbook availability")
    assert newcomer.does("gbook book", NAME="Omar", EMAIL="omar@example.com").startswith("Booked ")
    newcomer.types("gbook account add kim --email kim@example.com --create")
    newcomer.does("gbook profile attach-accounts")
    assert "all 2" in newcomer.does("gbook availability")
    assert "jane, kim" in newcomer.types("gbook availability --view list")


@pytest.mark.skipif(sys.platform != "linux", reason="the page shows the tools of Linux")
def test_choosing_looks_as_the_tutorial_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lists and the last look of `gbook book`, after the commands above them on the page."""
    page = ROOT / "docs" / "tutorial" / "first-booking.md"
    blocks = screens(page)
    begin, _ = blocks.blocks[0]
    run_session([example for example in session(page) if example.end < begin], tmp_path)
    for name, value in clean_environment(tmp_path, GBOOK_NOW=NOW).items():
        monkeypatch.setenv(name, value)
    with terminal("book", "--required", "all", folder=tmp_path / "studio", lines=16) as person:
        person.wait("Which day?")
        person.press(DOWN, ENTER)
        lists = ["$ gbook book --required all", *person.wait("another day").splitlines()]
        person.press(DOWN, ENTER)
        person.answer("Guest's name", "Dora")
        person.answer("Guest's e-mail", "dora@example.org")
        shown = person.wait("Book it?").splitlines()
        last_look = shown[next(row for row, line in enumerate(shown) if "Guest's name" in line) :]
        person.press("y", ENTER)
        code, screen = person.end()
    assert code == 0, screen
    assert "\nBooked Tue 24 Nov 2026 08:30" in screen
    if os.environ.get("GBOOK_RECORD") == "1":
        blocks.record([lists, last_look])
        blocks = screens(page)
    assert blocks.shown == [lists, last_look]
