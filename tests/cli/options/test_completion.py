"""Completion: the answers to shells, and a real bash on a terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import shutil
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest
from support.running import PATIENCE, Gbook, Result
from support.uids import own_uid

from gbook.cli.options.shells import join_words

CONFIG = """\
defaultProfile: demo
timezone: Europe/Berlin
accounts:
  - {id: alice, name: Alice L, email: alice@example.com, calendars: [alice.ics]}
  - {id: bob, email: bob@example.com, calendars: [bob.ics]}
  - {id: carol, email: carol@example.com, calendars: [carol]}
"""
DEMO = """\
accounts: [alice, bob]
groups: [{extId: sales, accountIds: [carol, bob]}]
durationMinutes: 30
timeAvailableFor: P2D
subject: A talk
workHours:
  timezone: UTC
  daySchedules: [{dayOfWeek: tuesday, workingIntervals: [{start: "9:00", end: "11:00"}]}]
"""
EVENTS = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test
BEGIN:VEVENT
UID:busy
DTSTART:20261124T090000Z
DTEND:20261124T100000Z
END:VEVENT
END:VCALENDAR
"""


@pytest.fixture(autouse=True)
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write a workspace of three people; bob is busy on Tuesday from 9:00 to 10:00 UTC."""
    (tmp_path / "profiles").mkdir()
    (tmp_path / "carol").mkdir()
    (tmp_path / "gbook.yaml").write_text(CONFIG)
    (tmp_path / "profiles/demo.yaml").write_text(DEMO)
    (tmp_path / "profiles/other.yaml").write_text("accounts: [carol]\n")
    (tmp_path / "bob.ics").write_text(EVENTS)
    (tmp_path / "alice.ics").write_text(re.sub("BEGIN:VEVENT.*END:VEVENT\n", "", EVENTS, flags=re.DOTALL))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ask(shell: str, line: str, **variables: str) -> Result:
    """Return the answer to a shell that asks for completions of the last word of `line`."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (question(shell, line) | variables).items():
            patch.setenv(name, value)
        return Gbook()()


def question(shell: str, line: str) -> dict[str, str]:
    """Return the variables with which a shell asks for completions of the last word of `line`."""
    words = line.split(" ")
    return {
        "_GBOOK_COMPLETE": f"complete_{shell}",
        "COMP_WORDS": "\n".join(words),
        "COMP_CWORD": str(len(words) - 1),
        "_TYPER_COMPLETE_ARGS": line,
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }


def offered(line: str) -> list[str]:
    """Return the values that bash gets."""
    result = ask("bash", line)
    assert result.err == ""
    return result.out.split()


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("gbook bo", ["book", "booking"]),
        ("gbook profile attach-", ["attach-accounts", "attach-groups"]),
        ("gbook availability --req", ["--required"]),
        ("gbook availability -p ", ["demo", "other"]),
        ("gbook profile show o", ["other"]),
        ("gbook profile validate d", ["demo"]),
        ("gbook availability --account ", ["alice", "bob"]),
        ("gbook availability --account alice --account ", ["bob"]),
        ("gbook availability -p other --account ", ["carol"]),
        ("gbook availability --group ", ["sales"]),
        ("gbook availability --required ", ["one", "all", "2"]),
        ("gbook availability --view g", ["grid"]),
        ("gbook availability --from to", ["today", "tomorrow"]),
        ("gbook agenda --to 2026-11-3", ["2026-11-30"]),
        ("gbook availability --for 2", ["2d", "2w"]),
        ("gbook book --reserve 1", ["15m", "1h", "1d", "1w"]),
        ("gbook account update alice --kind r", ["room", "resource"]),
        ("gbook help bo", ["book", "booking"]),
        ("gbook help booking re", ["reschedule", "repair", "reply"]),
        ("gbook help book ", []),
        ("gbook availability --with a", ["alice"]),
        ("gbook book --with carol,alice,", ["carol,alice,bob"]),
        ("gbook availability --with alice,bob,carol --required ", ["one", "all", "2"]),
        ("gbook availability --tz Europe/Lond", ["Europe/London"]),
        ("gbook busy alice ", ["bob", "carol"]),
        ("gbook account show c", ["carol"]),
        ("gbook account update carol --timezone Europe/Berl", ["Europe/Berlin"]),
        ("gbook profile attach-accounts demo ", ["carol"]),
        ("gbook profile detach-accounts demo alice ", ["bob"]),
        ("gbook profile detach-groups demo ", ["sales"]),
        ("gbook profile create new --account a", ["alice"]),
    ],
)
def test_names_are_offered_where_they_are_asked_for(line: str, values: list[str]) -> None:
    """Values that fit, without those typed before."""
    assert offered(line) == values


@pytest.mark.parametrize(
    ("option", "values"),
    [
        ("--account ", ["alice", "bob", "carol"]),
        ("--group ", ["sales"]),
        ("--required ", ["one", "all", "2"]),
    ],
)
def test_without_a_profile_the_members_of_all_are_offered(team: Path, option: str, values: list[str]) -> None:
    """If there is no default one; those of a profile that cannot be read are left out."""
    (team / "gbook.yaml").write_text(CONFIG.removeprefix("defaultProfile: demo\n"))
    (team / "profiles/broken.yaml").write_text("[")
    assert offered(f"gbook availability {option}") == values
    assert offered(f"gbook availability -p nobody {option}") == []


@pytest.mark.parametrize(
    ("options", "times"),
    [
        ("", ["09:00", "09:30", "10:00", "10:30"]),
        ("--required all ", ["10:00", "10:30"]),
        ("--account bob ", ["10:00", "10:30"]),
        ("--group sales ", ["09:00", "09:30", "10:00", "10:30"]),
    ],
)
def test_slots_are_those_that_availability_lists(options: str, times: list[str]) -> None:
    """For the members and the number that were typed before."""
    expected = ["first", "best", *(f"2026-11-24T{time}Z" for time in times)]
    assert offered(f"gbook book {options}--slot ") == expected
    assert offered(f"gbook propose {options}--for 60 --slot ") == expected


def test_slots_are_those_of_the_profile_that_was_typed() -> None:
    """Whatever the position of -p and global options."""
    (first, *_) = offered("gbook book -p other --slot 2026")
    assert first == "2026-11-23T10:00+01:00"
    folder = Path.cwd()
    os.chdir("/")
    assert offered(f"gbook book -p other --workspace {folder} --slot 2026")[0] == first


def test_slots_are_those_of_the_meeting_that_was_typed(gbook: Gbook) -> None:
    """--with and the options after it count as in the command itself."""
    meeting = "--with alice,carol --duration 1h --hours tue --step 60"
    assert offered(f"gbook book {meeting} --slot ") == []
    meeting = meeting.replace("--hours tue", "--timezone UTC")
    values = offered(f"gbook book {meeting} --slot 2026-11-24")
    assert values[0].startswith("2026-11-24T")
    assert gbook("book", *meeting.split(), "--slot", values[0]).code == 0


def test_a_value_that_is_offered_is_taken(gbook: Gbook) -> None:
    """A completed slot can be booked; the booking can then be moved to slots of its accounts."""
    (slot,) = offered("gbook book --account alice --slot 2026-11-24T09:3")
    booked = gbook.json("book", "--account", "alice", "--slot", slot)
    reserved = gbook.json("book", "--account", "bob", "--slot", "first", "--reserve", "60")
    assert offered("gbook booking cancel ") == [booked["id"], reserved["id"]]
    assert offered("gbook reservation drop ") == [reserved["id"]]
    assert offered(f"gbook booking show {booked['id'][:6]}") == [booked["id"]]
    moves = offered(f"gbook booking reschedule {booked['id']} --slot 2026")
    assert moves == [f"2026-11-24T{time}Z" for time in ("09:00", "09:30", "10:00", "10:30")]
    assert gbook("booking", "reschedule", booked["id"], "--slot", moves[-1]).code == 0


# --- shells


@pytest.mark.parametrize(
    ("words", "joined", "held"),
    [
        (["--slot", "2026-11-24T14", ":", "0"], ["--slot", "2026-11-24T14:0"], "2026-11-24T14:"),
        (["--slot", "2026-11-24T14", ":"], ["--slot", "2026-11-24T14:"], "2026-11-24T14:"),
        (["--slot", "2026-11-24T14:0"], ["--slot", "2026-11-24T14:0"], ""),
        (["--slot", "=", "2026-11-24T14", ":", "0"], ["--slot", "2026-11-24T14:0"], "2026-11-24T14:"),
        (["--slot", "="], ["--slot", ""], ""),
        (["--field", "a", "=", "b", "--slot", "2"], ["--field", "a=b", "--slot", "2"], ""),
        (["show", "5a2f", "@", "gb"], ["show", "5a2f@gb"], "5a2f@"),
        (["--slot", "2026-11-24T14", ":", "00Z", "x"], ["--slot", "2026-11-24T14:00Z", "x"], ""),
    ],
)
def test_words_that_bash_has_broken_are_put_together(words: list[str], joined: list[str], held: str) -> None:
    """The length of the part that bash already has is known."""
    assert join_words(words) == (joined, len(held))


def test_bash_gets_only_the_part_after_its_break() -> None:
    """It would append a whole time to the part before the colon."""
    assert offered("gbook book --slot 2026-11-24T10 : 3") == ["30Z"]
    assert offered("gbook book --slot = 2026-11-24T10 :") == ["00Z", "30Z"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_line_is_completed_in_a_real_shell(team: Path, shell: str, gbook: Gbook) -> None:
    """With the script that gbook installs, from the first tab of a session on."""
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell} here")
    assert f"Completion for {shell} is installed in " in gbook("--install-completion", shell).out
    program = team / "bin/gbook"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m gbook "$@"\n')
    program.chmod(0o755)
    child, terminal = pty.fork()
    if child == 0:
        os.environ |= {"PATH": f"{program.parent}:{os.environ['PATH']}", "TERM": "xterm"}
        os.execlp(shell, shell, "-i")
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 200, 0, 0))
    try:
        os.write(terminal, b"cd " + str(team).encode() + b'; echo "rea""dy"\n')
        _see(terminal, "ready")
        for typed, words in (
            ("gbook availab\t--acc\tal\t", "gbook availability --account alice"),
            ("gbook book --slot 2026-11-24T10:3\t", "gbook book --slot 2026-11-24T10:30Z"),
            ("gbook book --slot=2026-11-24T09:0\t", "gbook book --slot=2026-11-24T09:00Z"),
            ("gbook help booking resch\t", "gbook help booking reschedule"),
        ):
            # The command line becomes the arguments of printf, which shows the words that the shell sees.
            os.write(terminal, f"{typed}\x01printf '<%s>' \x05\n".encode())
            _see(terminal, "".join(f"<{word}>" for word in words.split()))
        os.write(terminal, b"exit\n")
    finally:
        os.close(terminal)
        os.waitpid(child, 0)


def _see(terminal: int, text: str) -> None:
    """Wait until the terminal has shown a text."""
    shown = ""
    deadline = time.monotonic() + PATIENCE
    while text not in shown:
        assert time.monotonic() < deadline, shown
        if select.select([terminal], [], [], 0.1)[0]:
            shown += os.read(terminal, 4096).decode(errors="replace")


def test_the_script_of_any_shell_is_shown(gbook: Gbook) -> None:
    """Without installing it; only of shells that are supported."""
    for shell in ("bash", "zsh", "fish"):
        assert f"_GBOOK_COMPLETE=complete_{shell}" in gbook("--show-completion", shell).out
    refused = gbook("--show-completion", "ksh")
    assert (refused.code, refused.err) == (
        2,
        "gbook: expected one of the shells bash, zsh, fish, found ksh\n",
    )


def test_zsh_and_fish_get_descriptions() -> None:
    """A colon in a value does not separate it from its description."""
    zsh = ask("zsh", "gbook book --slot 2026-11-24T10:3").out
    assert '"2026-11-24T10\\\\:30Z":"Tue 24 Nov 10\\\\:30 alice, bob, sales"' in zsh
    fish = ask("fish", "gbook book --slot 2026-11-24T10:3").out
    assert fish == "2026-11-24T10:30Z\tTue 24 Nov 10:30 alice, bob, sales\n"
    assert ask("fish", "gbook busy ", _TYPER_COMPLETE_FISH_ACTION="is-args").code == 0
    assert ask("fish", "gbook --workspace ", _TYPER_COMPLETE_FISH_ACTION="is-args").code == 1


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_nothing_from_a_file_can_become_a_command(team: Path, shell: str) -> None:
    """Shells evaluate what they are told: names and ids with other characters are not offered, and subjects
    lose them.
    """
    (team / "profiles/$(touch pwned).yaml").write_text(DEMO)
    for number, uid in enumerate(
        (own_uid("good"), "$(touch pwned)", "a;touch pwned", "`touch pwned`", "--remove")
    ):
        event = EVENTS.replace(
            "UID:busy", f"UID:{uid}\nX-GBOOK-PROFILE:demo\nSUMMARY:\\$(touch pwned) `x` '\"\x1b[31m"
        )
        (team / f"carol/{number}.ics").write_text(event)
    for line in ("gbook booking show ", "gbook availability -p "):
        told = ask(shell, line).out.replace("\\\\:", "")
        assert "--remove" not in told
        assert not set(told.removeprefix("_arguments '*: :").rstrip("\n")) & set("$`\\*;\x1b"), told
    assert own_uid("good") in ask(shell, "gbook booking show ").out


@pytest.mark.parametrize("shell", ["bash", "zsh"])
@pytest.mark.parametrize("line", ["gbook nonsense ", "gbook busy ", "gbook book -p nobody --slot "])
@pytest.mark.parametrize("fault", ["no workspace", "invalid"])
def test_errors_are_silent(team: Path, shell: str, line: str, fault: str) -> None:
    """Nothing is offered, and there is no message."""
    if fault == "invalid":
        (team / "gbook.yaml").write_text("accounts: [")
    else:
        (team / "gbook.yaml").unlink()
    result = ask(shell, line)
    assert result.err == ""
    assert result.out.strip() in ("", "_files")


def test_a_broken_file_hides_no_other(team: Path) -> None:
    """An invalid profile is offered, to be repaired; so are the bookings of readable calendars."""
    (team / "profiles/broken.yaml").write_text("[")
    (team / "alice.ics").write_text("garbage")
    assert offered("gbook profile show ") == ["broken", "demo", "other"]
    assert offered("gbook book --slot 2026-11-24T09:3") == ["2026-11-24T09:30Z"]


@pytest.mark.parametrize("shell", ["bash", "zsh"])
@pytest.mark.parametrize("line", ["gbook book --slot ", "gbook booking show ", "gbook "])
def test_a_warm_answer_loads_nothing_that_reads_calendars(team: Path, shell: str, line: str) -> None:
    """Nor the library of tables: completion must be fast."""
    past = time.time() - 60
    for path in (*team.rglob("*.yaml"), *team.rglob("*.ics")):
        os.utime(path, (past, past))
    ask(shell, line)
    heavy = "rich icalendar recurring_ical_events yaml ruamel"
    program = (
        "import sys; from gbook.cli import run; run([]); "
        f"print('loaded:', *(name for name in '{heavy}'.split() if name in sys.modules))"
    )
    shown = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | question(shell, line),
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.splitlines()[-1].split() == ["loaded:"]
