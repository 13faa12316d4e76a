"""The cache of bookings: a list reads only what has changed, and gives the same answer as without it."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
from support.running import Gbook
from support.team import book, make_team

from gbook.calendars.stores.base import Item
from gbook.calendars.stores.read_once import parse_once

LISTS = (("booking", "list", "--all"), ("reservation", "list"))


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gbook: Gbook) -> Path:
    """A workspace with bookings of alice, bob (files) and carol (a vdir), in files that are settled."""
    monkeypatch.chdir(make_team(tmp_path / "team"))
    for at in ("09:00", "11:00", "13:00"):
        book(gbook, at, "--required", "all")
    book(gbook, "15:00", "--required", "all", "--reserve", "60")
    settle(tmp_path / "team")
    return tmp_path / "team"


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are read for their bookings."""
    names: list[str] = []

    def noted(item: Item, *functions: Any) -> Any:
        names.append(Path(str(item)).name)
        return parse_once(item, *functions)

    monkeypatch.setattr("gbook.bookings.calendar_records.parse_once", noted)
    return names


def settle(folder: Path) -> None:
    """Set the times of all calendars back, each time a little further."""
    past = time.time() - 3600
    for path in folder.rglob("*.ics"):
        if time.time() - path.stat().st_mtime < 60:
            os.utime(path, (past, past))


def answers(gbook: Gbook, *options: str) -> list[tuple[Any, str]]:
    """Return the lists of bookings and reservations, and their warnings."""
    results = [gbook(*options, *command, "--json") for command in LISTS]
    return [(result.out, result.err) for result in results]


def test_a_second_list_reads_no_event(gbook: Gbook, team: Path, reads: list[str]) -> None:
    """Lists and `booking show` get bookings from the cache; the answer is the same."""
    cold = answers(gbook)
    assert reads
    reads.clear()
    assert answers(gbook) == cold
    assert gbook.json("booking", "show", gbook.json("booking", "list")["records"][0]["id"])
    assert reads == []
    assert answers(gbook, "--no-index") == cold


def test_only_a_changed_file_is_read_again(gbook: Gbook, team: Path, reads: list[str]) -> None:
    """A file, an item of a vdir, and an item that is gone."""
    answers(gbook)
    item = min((team / "carol").glob("*.ics"))
    for path in (team / "bob.ics", item):
        path.write_bytes(path.read_bytes().replace(b"SUMMARY:Demo for Gwen", b"SUMMARY:Moved by hand"))
        settle(team)
        reads.clear()
        again = answers(gbook)
        assert reads == [path.name]
        assert again == answers(gbook, "--no-index")
    item.unlink()
    without = answers(gbook)
    assert without != again
    assert without == answers(gbook, "--no-index")


def test_a_file_that_changed_a_moment_ago_is_read_again(gbook: Gbook, team: Path, reads: list[str]) -> None:
    """Its next change could leave its fingerprint as it is."""
    os.utime(team / "alice.ics")
    answers(gbook)
    reads.clear()
    gbook("booking", "list")
    assert reads == ["alice.ics"]


def test_no_warning_is_lost_when_nothing_is_read(gbook: Gbook, team: Path, reads: list[str]) -> None:
    """A damaged booking is reported each time; so is a calendar that cannot be read."""
    content = (team / "bob.ics").read_bytes()
    (team / "bob.ics").write_bytes(content.replace(b"X-GBOOK-EXPIRES:2026", b"X-GBOOK-EXPIRES:soon"))
    (team / "alice.ics").write_bytes((team / "alice.ics").read_bytes()[:-20])
    settle(team)
    cold = answers(gbook)
    assert all("damaged" in err and "alice.ics" in err for _, err in cold)
    reads.clear()
    assert answers(gbook) == cold == answers(gbook, "--no-index")
    assert "bob.ics" not in reads[:2] and "alice.ics" in reads


def test_a_shown_booking_still_has_its_event(gbook: Gbook, team: Path) -> None:
    """The event of a cached record is read from the file, and refused if it has changed meanwhile."""
    from gbook import find_record, open_workspace
    from gbook.cache import Cache
    from gbook.errors import GbookError

    uid = gbook.json("booking", "list")["records"][0]["id"]
    workspace = open_workspace(team, Cache.default())
    known, read = find_record(workspace, uid, use_cache=True)[0], find_record(workspace, uid)[0]
    assert known.source is None
    assert known.event == read.event
    for path in (Path(str(known.copies[0].item)),):
        path.write_bytes(path.read_bytes().replace(b"SUMMARY:Demo for Gwen", b"SUMMARY:Moved by hand"))
    with pytest.raises(GbookError, match="run the command again"):
        _ = known.event
