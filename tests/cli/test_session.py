"""Streams as shells give them: closed, full, ASCII, or with a reader that has left; and Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from support.office import snapshot
from support.running import GBOOK, PATIENCE, Gbook, started
from support.team import TUESDAY, lines, make_team

from gbook.calendars.commit.transaction import FileChange, commit

ASCII = ({"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"})
BOOK = f"'{GBOOK}' book --slot {TUESDAY}09:00Z --name Gwen --field topic=x"

pytestmark = pytest.mark.usefixtures("team")


def shell(line: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run a line of bash with the gbook under test; the exit code is that of the first program."""
    function = f"gbook() {{ '{GBOOK}' \"$@\"; }}; {line}; exit ${{PIPESTATUS[0]}}"
    return subprocess.run(
        ["bash", "-c", function], env={**os.environ, **environment}, capture_output=True, timeout=PATIENCE
    )


@pytest.mark.parametrize(
    "view", ["--view days", "--view list", "--view grid", "--view text", "--json", "--json --limit 1"]
)
def test_a_reader_may_leave(view: str) -> None:
    """`| head -1` is not an error and gives no message."""
    result = shell(f"gbook availability {view} | head -1")
    assert (result.returncode, result.stderr) == (0, b"")
    assert result.stdout.count(b"\n") == 1


@pytest.mark.slow
@pytest.mark.parametrize("view", ["--view days", "--view list", "--view grid", "--view text"])
def test_ascii_streams_get_ascii(view: str) -> None:
    """Characters that they cannot show are replaced."""
    for environment in ASCII:
        result = shell(f"gbook availability {view}", **environment)
        assert (result.returncode, result.stderr) == (0, b"")
        assert result.stdout.isascii()
        assert b"09:00" in result.stdout
        assert b"?" not in result.stdout


def test_a_dash_is_a_hyphen_for_an_ascii_stream() -> None:
    """In a range of dates and times."""
    result = shell("gbook availability --limit 1", PYTHONIOENCODING="ascii")
    assert b", 23 Nov - 23 Dec 2026\n" in result.stdout
    assert b"09:00-09:30" in result.stdout


@pytest.mark.parametrize("view", ["--view days", "--view list", "--view grid", "--view text"])
def test_without_a_terminal_nothing_is_coloured(view: str) -> None:
    """Nor bold text, even if the environment asks for colours, as that of a CI may."""
    assert b"\x1b" not in shell(f"gbook availability {view}", FORCE_COLOR="1", TERM="xterm-256color").stdout


def test_json_is_utf8_whatever_the_terminal_speaks(team: Path) -> None:
    """RFC 8259: no character of a document is replaced."""
    profile = team / "profiles/demo.yaml"
    profile.write_text(profile.read_text().replace("Demo for", "Café 🧵"), encoding="utf-8")
    result = shell("gbook availability --json", PYTHONIOENCODING="ascii")
    assert json.loads(result.stdout.decode())["subject"].startswith("Café 🧵")


def test_a_message_in_another_alphabet_reaches_an_ascii_terminal() -> None:
    """They appear as question marks, in one line without a traceback."""
    result = shell("gbook availability -p Zürich", PYTHONIOENCODING="ascii")
    assert (result.returncode, result.stderr.count(b"\n")) == (4, 1)


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        "availability",
        *(
            pytest.param(text, marks=pytest.mark.slow)
            for text in ("availability --json", "--version", "profile list")
        ),
    ],
)
def test_closed_streams_are_no_fault(arguments: str) -> None:
    """The command does its work without an output."""
    for closed in (">&-", "2>&-", "<&-", ">&- 2>&- <&-"):
        result = shell(f"gbook {arguments} {closed}")
        assert (result.returncode, result.stderr) == (0, b""), closed


def test_no_calendar_is_opened_in_the_place_of_a_closed_stream(team: Path) -> None:
    """A booking without any stream is the same as any other."""
    result = shell(f"{BOOK} >&- 2>&- <&-")
    assert result.returncode == 0
    assert b"DTSTART:20261124T090000Z" in (team / "alice.ics").read_bytes()
    assert b"Booked" not in b"".join(snapshot(team).values())


@pytest.mark.parametrize("options", ["", "--json"])
def test_a_change_is_reported_if_stdout_is_closed(team: Path, options: str) -> None:
    """Exit 0, and one line that names it."""
    result = shell(f"{BOOK} {options} >&-")
    assert result.returncode == 0
    assert result.stderr.decode() == (
        "warning: the answer is incomplete: stdout is closed; "
        f"booking {uid_of(team)} is written in alice.ics\n"
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
@pytest.mark.parametrize("arguments", ["availability", "availability --json", "--help"])
def test_a_full_disk_is_an_error(arguments: str) -> None:
    """Exit 1 and one line."""
    result = shell(f"gbook {arguments} > /dev/full")
    assert (result.returncode, result.stderr.count(b"\n")) == (1, 1)
    assert b"No space left" in result.stderr


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
@pytest.mark.parametrize(
    ("options", "stream"),
    [
        ("--json", "| true"),
        pytest.param("", "> /dev/full", marks=pytest.mark.slow),
        pytest.param("", "| true", marks=pytest.mark.slow),
        pytest.param("--json", "> /dev/full", marks=pytest.mark.slow),
    ],
)
def test_a_committed_change_is_reported_whatever_fails_after_it(
    team: Path, stream: str, options: str
) -> None:
    """Exit 0 and one line with the id, for each command that changes a calendar."""
    changing = [
        (f"{BOOK} --key k", "booking {} is written in alice.ics"),
        (f"'{GBOOK}' booking reschedule {{}} --slot {TUESDAY}12:00Z", "booking {} is written in alice.ics"),
        (f"'{GBOOK}' booking cancel {{}}", "booking {} is cancelled in alice.ics"),
        (f"{BOOK} --reserve 90", "reservation {} is written in alice.ics"),
        (f"'{GBOOK}' reservation drop {{}}", "reservation {} is removed from the calendars"),
    ]
    uid = ""
    for line, said in changing:
        # `sleep`: the reader has left before anything is written.
        result = shell(f"(sleep 0.3; {line.format(uid)} {options}) {stream}")
        uid = uid if "{}" in line else uid_of(team)
        assert (result.returncode, result.stderr.count(b"\n")) == (0, 1), (line, result)
        assert said.format(uid) in result.stderr.decode()


def uid_of(team: Path) -> str:
    """Return the UID of the last event of gbook in alice's calendar."""
    uids = [line[4:] for line in lines(team / "alice.ics") if line.startswith("UID:") and "@gbook" in line]
    return uids[-1] if uids else ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("profile create new --account alice", "profile new is written"),
        ("profile update demo --duration 45", "profile demo is written"),
        ("profile delete demo", "profile demo is deleted"),
        ("account add dave --email d@example.com --create", "gbook.yaml is written"),
        ("account remove dave", "gbook.yaml is written"),
        ("init fresh", "fresh/gbook.yaml is written"),
    ],
)
def test_a_written_yaml_file_is_reported(line: str, said: str) -> None:
    """The same holds for other files."""
    if line == "account remove dave":
        assert shell("gbook account add dave --email d@example.com --create").returncode == 0
    result = shell(f"gbook {line} --json > /dev/full")
    assert (result.returncode, result.stderr.count(b"\n")) == (0, 1), result
    assert said in result.stderr.decode()


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_full_stderr_changes_no_exit_code(team: Path) -> None:
    """Only errors and warnings are lost."""
    assert shell("gbook availability -p nobody 2> /dev/full").returncode == 4
    assert shell(f"{BOOK} > /dev/full 2>&1").returncode == 0
    assert uid_of(team)


def test_a_fault_of_the_view_does_not_hide_a_booking(
    gbook: Gbook, team: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 0; a warning, and with --json a document, names the committed changes."""

    def broken(*arguments: object, **options: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("gbook.cli.commands.book.booking_document", broken)
    result = gbook("book", "--slot", f"{TUESDAY}09:00Z", "--field", "topic=x", "--json")
    assert (result.code, json.loads(result.out)["committed"]) == (
        0,
        [f"booking {uid_of(team)} is written in alice.ics"],
    )
    assert "a bug in gbook (ZeroDivisionError" in result.err


def test_ctrl_c_after_the_commit_names_the_change(
    gbook: Gbook, team: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not "no file was left half-written": the booking is named, exit 0. A signal waits for the commit."""

    def commit_and_interrupt(changes: Sequence[FileChange]) -> None:
        commit(changes)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("gbook.bookings.planned.commit", commit_and_interrupt)
    result = gbook("book", "--slot", f"{TUESDAY}09:00Z", "--field", "topic=x")
    assert result.code == 0
    assert f"interrupted; no file was left half-written; booking {uid_of(team)} is written" in result.err


@pytest.mark.parametrize("command", ["booking cancel", "reservation confirm"])
def test_a_zone_is_read_before_anything_is_changed(gbook: Gbook, team: Path, command: str) -> None:
    """Exit 2, and the calendars stay as they were."""
    reserve = ("--reserve", "60") if "reservation" in command else ()
    assert gbook("book", "--slot", f"{TUESDAY}09:00Z", "--field", "topic=x", *reserve).code == 0
    before = snapshot(team)
    assert gbook(*command.split(), uid_of(team), "--tz", "Mars/Olympus").code == 2
    assert snapshot(team) == before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_an_error_is_printed_if_no_document_can_be(team: Path) -> None:
    """The exit code is the error's."""
    result = shell("gbook availability -p nobody --json > /dev/full")
    assert (result.returncode, result.stderr.count(b"\n")) == (4, 1)


def test_arguments_that_are_no_text() -> None:
    """Bytes that are not UTF-8 give an ordinary error, as a document too."""
    result = shell("gbook availability -p $'\\xff' --json")
    assert (result.returncode, result.stderr.count(b"\n")) == (4, 1)
    assert json.loads(result.stdout)["error"]["code"] == "not_found"


@pytest.mark.parametrize("line", ["profile create new --file -", "profile update demo --file -"])
def test_an_endless_stdin_is_not_read_to_its_end(line: str) -> None:
    """Exit 5: a profile may have at most one mebibyte."""
    result = shell(f"yes '# a line' | gbook {line}; exit ${{PIPESTATUS[1]}}")
    assert (result.returncode, result.stderr.count(b"\n")) == (5, 1), result


def test_control_characters_never_reach_the_terminal() -> None:
    """An error quotes the input without control characters."""
    result = shell("gbook availability -p $'\\x1b[31mred\\x07\\x9b2J' --tz $'\\x1b]0;x\\x07'")
    assert result.returncode in (2, 4)
    assert not {0x1B, 0x07, 0x9B} & set(result.stderr)


def test_ctrl_c_writes_nothing_and_says_so(team: Path) -> None:
    """Exit 130, one line and a document; here, while another program holds the lock."""
    before = snapshot(team)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(team / "alice.ics")], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    try:
        assert holder.stdout.readline() == "held\n"
        process = started("book", "--slot", f"{TUESDAY}09:00Z", "--field", "topic=x", "--json")
        time.sleep(2)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
    finally:
        holder.kill()
        holder.wait()
    assert (process.returncode, err) == (130, "gbook: interrupted; no file was left half-written\n")
    assert json.loads(out)["error"]["code"] == "interrupted"
    assert snapshot(team) == before


HOLDER = """
import sys, time
from pathlib import Path
from gbook.calendars.commit.transaction import lock_calendars
with lock_calendars([Path(sys.argv[1])]):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_folder_that_must_not_be_written() -> None:
    """Exit 1 and one line with the cause; nothing is written."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        make_team(Path(folder) / "warm")
        team = make_team(Path(folder) / "team")
        before = snapshot(team)
        result = subprocess.run(
            [sys.executable, "-c", AS_NOBODY], cwd=team, capture_output=True, text=True, timeout=PATIENCE
        )
        assert snapshot(team) == before
    assert (result.returncode, result.stderr.count("\n")) == (1, 1), result
    assert "ermission denied" in result.stderr
    assert json.loads(result.stdout)["error"]["code"] == "failure"


# Everything is imported by the first booking: nobody may not be allowed to read where gbook is installed.
AS_NOBODY = f"""
import contextlib, io, os, sys
from gbook.cli import run
book = ["book", "--slot", "{TUESDAY}09:00Z", "--field", "topic=x", "--json"]
with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO())):
    assert run(["--workspace", "../warm", *book]) == 0
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
sys.exit(run(book))
"""
