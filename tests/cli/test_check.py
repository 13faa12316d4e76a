"""`gbook check` as a command: a document, or text by file, and an exit code for errors."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.running import Gbook

CONFIG = """\
timezone: UTC
accounts:
  - {id: alice, email: alice@example.com, calendars: [alice.ics]}
  - {id: bob, email: alice@example.com, calendars: [bob.ics]}
"""
EMPTY = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test\r\nEND:VCALENDAR\r\n"


@pytest.fixture(autouse=True)
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write a workspace with one warning: two accounts have the same address."""
    (tmp_path / "profiles").mkdir()
    (tmp_path / "gbook.yaml").write_text(CONFIG)
    (tmp_path / "profiles/demo.yaml").write_text("accounts: [alice, bob]\n")
    for name in ("alice", "bob"):
        (tmp_path / f"{name}.ics").write_text(EMPTY, newline="")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_document_has_every_problem(gbook: Gbook, team: Path) -> None:
    """A problem has severity, code, message, path and line, and no other key."""
    (problem,) = gbook.json("check")["problems"]
    assert list(problem) == ["severity", "code", "message", "path", "line"]
    assert (problem["severity"], problem["code"], problem["path"], problem["line"]) == (
        "warning",
        "duplicate_email",
        "gbook.yaml",
        4,
    )


def test_warnings_alone_are_no_failure_and_errors_are(gbook: Gbook, team: Path) -> None:
    """Exit 0, then 5; the findings are on stdout, and stderr is empty."""
    assert gbook("check").code == 0
    (team / "bob.ics").unlink()
    for form in ((), ("--json",)):
        result = gbook("check", *form)
        assert (result.code, result.err) == (5, "")
        assert "bob.ics" in result.out


def test_a_clean_workspace_has_a_summary_of_what_was_checked(gbook: Gbook, team: Path) -> None:
    """The summary counts what was checked, so that an empty answer is not mistaken for a good one."""
    (team / "gbook.yaml").write_text(CONFIG.replace("bob, email: alice", "bob, email: bob"))
    assert gbook("check").out == "No problems in 2 accounts, 2 calendars, 0 events, 1 profile.\n"


def test_the_text_is_grouped_by_file(gbook: Gbook, team: Path) -> None:
    """The file, then one row a problem with its line and severity, then a summary; no line is too wide."""
    (team / "profiles/demo.yaml").write_text("accounts: [alice, bbo]\ndurationMinutes: 9999\n")
    (team / "alice.ics").unlink()
    out = gbook("check").out
    heads = [line for line in out.splitlines() if line and not line.startswith(" ")]
    assert heads == [
        "gbook.yaml",
        "alice.ics",
        "profiles/demo.yaml",
        "3 errors, 1 warning in 2 accounts, 2 calendars, 0 events, 1 profile.",
    ]
    assert "   4  warning  accounts alice and bob have the same address" in out
    assert all(len(line) <= 100 for line in out.splitlines())


def test_all_problems_of_one_line_are_reported(gbook: Gbook, team: Path) -> None:
    """One line of YAML may have several problems."""
    (team / "profiles/demo.yaml").write_text("accounts: [bbo, alise]\n")
    out = gbook("check").out
    assert "no account 'bbo'" in out
    assert "no account 'alise'" in out


def test_a_subject_is_shown_as_text(gbook: Gbook, team: Path) -> None:
    """Markup and control codes have no effect."""
    event = (
        "BEGIN:VEVENT\r\nUID:1\r\nDTSTART:20261124T100000Z\r\nRECURRENCE-ID:20261124T100000Z\r\n"
        "SUMMARY:[red]\x1b[31mhello\x07\r\nEND:VEVENT\r\n"
    )
    (team / "bob.ics").write_text(EMPTY.replace("END:VC", f"{event}END:VC"), newline="")
    out = gbook("check").out
    assert "[red]" in out
    assert "\x1b" not in out
    assert "\x07" not in out


def test_without_a_workspace_there_is_nothing_to_check(gbook: Gbook, team: Path) -> None:
    """Exit 4, as for every command."""
    (team / "gbook.yaml").unlink()
    assert gbook("check").code == 4
