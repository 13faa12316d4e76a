"""What other calendars say of an account, with a memory of one row."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from support.ics import EMAIL, vcalendar, vevent
from support.uids import own_uid

from gbook.cache import Cache
from gbook.calendars.busy import loader as load
from gbook.calendars.busy.cached import ReadOptions
from gbook.calendars.busy.elsewhere import bookings_elsewhere
from gbook.calendars.busy.loader import Source
from gbook.calendars.stores.base import Item, read_settled
from gbook.calendars.stores.vdir import local_store

LONG_AGO = 1_600_000_000
VIEW = ReadOptions(EMAIL, "Europe/Berlin")


def booking(uid: str, accounts: str, hour: int = 10) -> str:
    own = (
        "X-GBOOK-PROFILE:p",
        f"X-GBOOK-HOST:{accounts.split(maxsplit=1)[0]}",
        f"X-GBOOK-ACCOUNTS:{accounts}",
    )
    return vevent(
        f"UID:{own_uid(uid)}", f"DTSTART:20261124T{hour:02}0000Z", f"DTEND:20261124T{hour + 1:02}0000Z", *own
    )


def plain(uid: str) -> str:
    return vevent(f"UID:{uid}", "DTSTART:20261124T100000Z", "DTEND:20261124T110000Z")


def write(path: Path, content: bytes, at: int) -> None:
    """Replace a file, as sync tools do; then it and its folder have been left alone since long ago."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_bytes(content)
    os.utime(fresh, (at, at))
    fresh.replace(path)


class Asking:
    """Asks with a memory, and tells which files were read for it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.read: list[str] = []

        def counted(item: Item, *rest: Callable[[bytes], object]) -> object:
            self.read.append(Path(str(item)).name)
            return read_settled(item, *rest)

        monkeypatch.setattr(load, "read_settled", counted)

    def __call__(self, *names: str, index: Cache | None = None) -> list[tuple[str, str]]:
        """The bookings that name `bob`: whose calendar, and the UID."""
        self.read.clear()
        sources = [Source(name, local_store(self.folder / name), name, VIEW) for name in names]
        memory = index or Cache(self.folder / "index.sqlite")
        found = bookings_elsewhere(sources, {"bob"}, self.folder / "gbook.yaml", memory)
        memory.close()
        self.unreadable = [source.account_id for source in found.unreadable]
        return sorted((source.account_id, one.uid) for source, one in found.bookings)


@pytest.fixture
def asking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Asking:
    return Asking(tmp_path, monkeypatch)


def apply_until_stable(folder: Path) -> None:
    """As if nothing had been changed in a folder for a long time."""
    os.utime(folder, (LONG_AGO, LONG_AGO))


def test_only_bookings_that_name_the_account(tmp_path: Path, asking: Asking) -> None:
    """Whenever they are, in files and folders."""
    write(
        tmp_path / "ann.ics",
        vcalendar(booking("a", "ann bob"), booking("b", "ann cat"), plain("c")),
        LONG_AGO,
    )
    (tmp_path / "vdir").mkdir()
    write(tmp_path / "vdir/one.ics", vcalendar(booking("d", "cat bob", 8)), LONG_AGO)
    write(tmp_path / "vdir/two.ics", vcalendar(plain("e")), LONG_AGO)
    assert asking("ann.ics", "vdir") == [("ann.ics", own_uid("a")), ("vdir", own_uid("d"))]
    assert asking.unreadable == []


def test_nothing_is_read_twice(tmp_path: Path, asking: Asking) -> None:
    """A second question costs a look at each calendar; one after a change reads what changed."""
    write(tmp_path / "ann.ics", vcalendar(plain("a")), LONG_AGO)
    write(tmp_path / "cat.ics", vcalendar(booking("b", "cat bob")), LONG_AGO)
    asking("ann.ics", "cat.ics")
    assert asking.read == ["ann.ics", "cat.ics"]
    assert asking("ann.ics", "cat.ics") == [("cat.ics", own_uid("b"))]
    assert asking.read == []
    write(tmp_path / "ann.ics", vcalendar(booking("c", "ann bob")), LONG_AGO + 1)
    assert asking("ann.ics", "cat.ics") == [("ann.ics", own_uid("c")), ("cat.ics", own_uid("b"))]
    assert asking.read == ["ann.ics"]


def test_an_item_that_is_written_in_place(tmp_path: Path, asking: Asking) -> None:
    """The folder looks as before; the items with bookings are looked at one by one."""
    folder = tmp_path / "vdir"
    folder.mkdir()
    write(folder / "one.ics", vcalendar(booking("a", "cat bob")), LONG_AGO)
    apply_until_stable(folder)
    asking("vdir")
    (folder / "one.ics").write_bytes(vcalendar(booking("a", "cat dan")))
    apply_until_stable(folder)
    assert asking("vdir") == []


def test_unreadable_calendars_are_named(tmp_path: Path, asking: Asking) -> None:
    """Missing, cut off, broken where it may hold bookings; each time again."""
    write(tmp_path / "cut.ics", vcalendar(booking("a", "ann bob"))[:-20], LONG_AGO)
    write(tmp_path / "empty.ics", b"", LONG_AGO)
    for _ in range(2):
        assert asking("cut.ics", "empty.ics", "missing.ics") == []
        assert asking.unreadable == ["cut.ics", "empty.ics", "missing.ics"]


@pytest.mark.parametrize("seed", range(3))
def test_with_a_memory_as_without(tmp_path: Path, asking: Asking, seed: int) -> None:
    """Whatever changes, in whatever order, the answer is that of reading everything."""
    draw = random.Random(seed)
    (tmp_path / "vdir").mkdir()
    names = ["ann.ics", "cat.ics", "vdir/one.ics", "vdir/two.ics"]
    for name in names[:2]:
        write(tmp_path / name, vcalendar(plain("x")), LONG_AGO)
    for step in range(40):
        path = tmp_path / draw.choice(names)
        if draw.random() < 0.2 and path.parent.name == "vdir":
            path.unlink(missing_ok=True)
        else:
            events = [booking(f"u{draw.randrange(4)}", draw.choice(["ann bob", "cat ann", "bob"]))]
            write(path, vcalendar(*draw.choice([events, [plain("x")]])), LONG_AGO + step)
        calendars = ("ann.ics", "cat.ics", "vdir")
        assert asking(*calendars) == asking(*calendars, index=Cache(None))
