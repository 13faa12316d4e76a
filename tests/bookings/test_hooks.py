"""The user's own programs before and after a booking."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from support.office import SLOT, make_office, program, snapshot
from support.running import Gbook

BOOK = ("book", "--slot", SLOT, "--name", "Gwen", "--email", "gwen@example.org")
NOTE = """
    import json, os, sys
    with open("seen.jsonl", "a") as file:
        document = json.load(sys.stdin)
        print(json.dumps([document, os.getcwd(), os.environ["GBOOK_WORKSPACE"], sys.argv[1:]]), file=file)
"""


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder is a workspace; its hooks are set by `with_hooks`."""
    monkeypatch.chdir(make_office(tmp_path / "office"))
    return tmp_path / "office"


def with_hooks(office: Path, hooks: str) -> None:
    with (office / "gbook.yaml").open("a") as file:
        file.write(f"hooks: {hooks}\n")


def seen(office: Path) -> list[Any]:
    return [json.loads(line) for line in (office / "seen.jsonl").read_text().splitlines()]


def test_hooks_get_the_document_before_and_after(office: Path, gbook: Gbook) -> None:
    """Each is run in the workspace, as an argument list, with the document of `gbook book` on stdin."""
    program(office / "note", NOTE)
    with_hooks(office, '{preBook: [./note, "a b; $HOME", before], postBook: [./note, after]}')
    booked = gbook.json(*BOOK, "--required", "all")
    (before, folder, workspace, arguments), (after, *_) = seen(office)
    assert (folder, workspace) == (str(office), str(office))
    assert arguments == ["a b; $HOME", "before"]
    assert before == booked | {"created": False}
    assert after == booked


def test_refusal_books_nothing(office: Path, gbook: Gbook) -> None:
    """A preBook that fails refuses with its last line on stderr: exit 3, and no byte is written."""
    program(office / "refuse", "import sys\nsys.exit('not\\nwithout my \\x1b[31mconsent\\n\\n')")
    with_hooks(office, "{preBook: [./refuse], postBook: [./refuse]}")
    before = snapshot(office)
    result = gbook(*BOOK, "--json")
    assert result.code == 3
    assert json.loads(result.out) == {
        "created": False,
        "error": {
            "code": "refused",
            "message": "preBook refused the booking: without my [31mconsent",
            "hook": "preBook",
        },
        "alternatives": [],
    }
    assert result.err == "gbook: preBook refused the booking: without my [31mconsent\n"
    assert snapshot(office) == before


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("raise SystemExit(7)", "./hook ended with exit code 7"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "./hook was ended by SIGKILL"),
        (None, "./hook cannot be run: No such file or directory"),
    ],
)
def test_refusal_without_a_word(office: Path, gbook: Gbook, text: str | None, reason: str) -> None:
    """A program that says nothing, or is not there, refuses too."""
    if text:
        program(office / "hook", text)
    with_hooks(office, "{preBook: [./hook]}")
    result = gbook(*BOOK)
    assert (result.code, result.err) == (3, f"gbook: preBook refused the booking: {reason}\n")


def test_time_limit_ends_the_whole_family(office: Path, gbook: Gbook) -> None:
    """A program that takes too long is ended, and its children with it."""
    program(
        office / "sleep",
        """
        import os, signal, time
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if not os.fork():
            open("child", "w").write(str(os.getpid()))
            os.rename("child", "born")
        time.sleep(60)
        """,
    )
    with_hooks(office, "{preBook: [./sleep], timeout: 1}")
    started = time.monotonic()
    result = gbook(*BOOK)
    assert (result.code, result.err) == (
        3,
        "gbook: preBook refused the booking: ./sleep took longer than 1 s\n",
    )
    assert time.monotonic() - started < 20
    assert_gone(int((office / "born").read_text()))


def assert_gone(process: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return
        if state in "ZX":
            return
        time.sleep(0.02)
    raise AssertionError(f"{process} still lives")


def test_pre_book_may_change_calendars(office: Path, gbook: Gbook) -> None:
    """preBook runs before anything is locked or judged for good: what it fetches counts."""
    program(
        office / "fetch",
        """
        from pathlib import Path
        for path in map(Path, ("alice.ics", "bob.ics")):
            path.write_text(path.read_text().replace("20261130T", "20261124T").replace("T09", "T13"))
            path.write_text(path.read_text().replace("T100000Z", "T150000Z"))
        """,
    )
    with_hooks(office, "{preBook: [./fetch]}")
    result = gbook(*BOOK)
    assert result.code == 3
    assert result.err.startswith("gbook: Tue 24 Nov 2026 15:00 CET cannot be booked: ")


def test_post_hook_is_only_warned_of(office: Path, gbook: Gbook) -> None:
    """After the commit nothing is taken back: a failing post hook is a warning, exit 0."""
    program(office / "fail", "import sys\nsys.exit('sync failed')")
    with_hooks(office, "{postBook: [./fail]}")
    result = gbook(*BOOK, "--json")
    document = json.loads(result.out)
    assert (result.code, document["created"]) == (0, True)
    assert [(one["code"], one["message"]) for one in document["warnings"]] == [
        ("hook_failed", "postBook: sync failed; the booking itself is written")
    ]
    assert document["id"].encode() in (office / "alice.ics").read_bytes()


def test_what_hooks_say_stays_out_of_the_answer(office: Path, gbook: Gbook) -> None:
    """A hook may print as much as it likes, and need not read its stdin."""
    program(office / "chat", "for _ in range(50_000): print('x' * 100)")
    with_hooks(office, "{preBook: [./chat], postBook: [./chat]}")
    assert gbook.json(*BOOK)["warnings"] == []


def test_hook_may_leave_a_child_behind(office: Path, gbook: Gbook) -> None:
    """gbook does not wait for a background process of a hook, and does not end it."""
    program(
        office / "start",
        """
        import subprocess
        print(subprocess.Popen(["sleep", "60"]).pid, file=open("child", "w"))
        """,
    )
    with_hooks(office, "{postBook: [./start], timeout: 20}")
    started = time.monotonic()
    assert gbook.json(*BOOK)["warnings"] == []
    assert time.monotonic() - started < 15
    os.kill(int((office / "child").read_text()), 9)


def test_dry_run_runs_no_hooks(office: Path, gbook: Gbook) -> None:
    """--dry-run only looks."""
    with_hooks(office, "{preBook: [./nothing], postBook: [./nothing]}")
    before = snapshot(office)
    assert gbook.json(*BOOK, "--dry-run")["warnings"] == []
    assert snapshot(office) == before


def test_every_change_has_its_hook(office: Path, gbook: Gbook) -> None:
    """A hook runs after a booking, a move or a cancellation, and gets the state after it."""
    program(office / "note", NOTE)
    with_hooks(
        office,
        "{preBook: [./note, pre], postBook: [./note, book], postReschedule: [./note, move],"
        " postCancel: [./note, cancel]}",
    )
    uid = gbook.json(*BOOK, "--reserve", "60")["id"]
    gbook.json("reservation", "confirm", uid)
    gbook.json("booking", "reschedule", uid, "--slot", "2026-11-25T10:00Z")
    cancelled = gbook.json("booking", "cancel", uid)
    dropped = gbook.json(*BOOK, "--reserve", "60")["id"]
    gbook.json("reservation", "drop", dropped)
    told = [
        (arguments[0], document["id"], document.get("status")) for document, *_, arguments in seen(office)
    ]
    assert told == [
        ("pre", uid, None),
        ("book", uid, None),
        ("pre", uid, None),
        ("book", uid, "confirmed"),
        ("move", uid, "confirmed"),
        ("cancel", uid, "cancelled"),
        ("pre", dropped, None),
        ("book", dropped, None),
        ("cancel", dropped, "tentative"),
    ]
    assert seen(office)[5][0] == cancelled


def test_refusal_of_a_reservation_to_be_confirmed(office: Path, gbook: Gbook) -> None:
    """preBook is asked again when a reservation becomes a booking; refused, it stays a reservation."""
    uid = gbook.json(*BOOK, "--reserve", "60")["id"]
    program(office / "refuse", "raise SystemExit('no')")
    with_hooks(office, "{preBook: [./refuse]}")
    before = snapshot(office)
    assert gbook("reservation", "confirm", uid).code == 3
    assert gbook("propose", "--slot", "2026-11-25T10:00Z", "--for", "60").code == 3
    assert snapshot(office) == before


def test_proposal_asks_for_each_slot(office: Path, gbook: Gbook) -> None:
    """Every reservation of a proposal goes through the hooks."""
    program(office / "note", NOTE)
    with_hooks(office, "{preBook: [./note, pre], postBook: [./note, book]}")
    slots = ("--slot", SLOT, "--slot", "2026-11-25T10:00Z")
    gbook.json("propose", *slots, "--for", "60")
    assert [arguments[0] for *_, arguments in seen(office)] == ["pre", "pre", "book", "book"]
