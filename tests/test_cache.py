"""The cache: it recognises unchanged files, and a damaged one costs time, never an answer."""

from __future__ import annotations

import os
import random
import sqlite3
import time
from pathlib import Path

import pytest

from gbook.cache import KEPT_SECONDS, KIND, Cache, fingerprint

LONG_AGO = 1_600_000_000


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "index.sqlite"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.ics"
    path.write_text("what was read")
    apply_until_stable(path)
    return path


def apply_until_stable(path: Path, at: float = LONG_AGO) -> None:
    os.utime(path, (at, at))


def put(database: Path, file: Path, data: bytes = b"said", context: str = "c") -> None:
    index = Cache(database)
    index.put(str(file), context, data)
    index.close()


def get(database: Path, file: Path, context: str = "c") -> bytes | None:
    index = Cache(database)
    try:
        return index.get(str(file), context)
    finally:
        index.close()


def rows(database: Path) -> int:
    db = sqlite3.connect(database)
    count: int = db.execute("SELECT count(*) FROM memory").fetchone()[0]
    db.close()
    return count


class TestChanges:
    """A file that changed in any way is not the file that was read."""

    def test_an_unchanged_file_is_known(self, database: Path, file: Path) -> None:
        """Its entry is valid as long as the file stays as it is."""
        assert get(database, file) is None
        put(database, file)
        assert get(database, file) == b"said"

    def test_another_context_is_another_entry(self, database: Path, file: Path) -> None:
        """Another zone, policy or version."""
        put(database, file)
        assert get(database, file, "d") is None

    def test_a_changed_size_is_noticed(self, database: Path, file: Path) -> None:
        """Even with the same time."""
        put(database, file)
        file.write_text("what was read, and more")
        apply_until_stable(file)
        assert get(database, file) is None

    def test_a_changed_time_is_noticed(self, database: Path, file: Path) -> None:
        """Even by a nanosecond."""
        put(database, file)
        os.utime(file, ns=(0, LONG_AGO * 10**9 + 1))
        assert get(database, file) is None

    def test_a_replaced_file_is_noticed(self, database: Path, file: Path) -> None:
        """Even with the same size and time."""
        put(database, file)
        other = file.with_name("other")
        other.write_text("what was red!")
        apply_until_stable(other)
        other.replace(file)
        assert get(database, file) is None

    def test_a_removed_file_is_unknown(self, database: Path, file: Path) -> None:
        """The cache returns nothing for it."""
        put(database, file)
        file.unlink()
        assert get(database, file) is None
        put(database, file)
        assert get(database, file) is None

    @pytest.mark.parametrize("age", [0, 1.5, -3600])
    def test_a_file_just_written_is_not_cached(self, database: Path, file: Path, age: float) -> None:
        """Within the grain of the clock, or in the future: it could change again unnoticed."""
        apply_until_stable(file, time.time() - age)
        put(database, file)
        assert get(database, file) is None

    def test_fingerprint_of_no_file(self, tmp_path: Path) -> None:
        """Only regular files have a fingerprint; a link has that of its target."""
        (tmp_path / "a").write_text("x")
        (tmp_path / "link").symlink_to("a")
        (tmp_path / "dangling").symlink_to("b")
        assert fingerprint(tmp_path / "link") == fingerprint(tmp_path / "a")
        assert fingerprint(tmp_path) is None
        assert fingerprint(tmp_path / "dangling") is None


class TestWrongDatabase:
    """A damaged, foreign, locked or read-only database is rebuilt or bypassed."""

    @pytest.mark.parametrize("damage", [b"", b"no database" * 999, b"SQLite format 3\0" + bytes(4096)])
    def test_a_damaged_database_is_created_again(
        self, damage: bytes, file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """If it is gbook's own, in the cache folder."""
        monkeypatch.setenv("XDG_CACHE_HOME", str(file.parent))
        monkeypatch.delenv("GBOOK_INDEX", raising=False)
        path = file.parent / "gbook" / "index.sqlite"
        path.parent.mkdir()
        path.write_bytes(damage)
        for _ in range(2):
            index = Cache.default()
            assert index.get(str(file), "c") is None
            index.put(str(file), "c", b"said")
            index.close()
            if Cache.default().get(str(file), "c") == b"said":
                return
        pytest.fail("it was not made anew")

    def test_damaged_bytes_never_give_a_wrong_entry(self, database: Path, file: Path) -> None:
        """An entry comes back as it was, or not at all."""
        data = bytes(range(256)) * 64
        put(database, file, data)
        whole = database.read_bytes()
        chance = random.Random(1)
        for _ in range(300):
            bad = bytearray(whole)
            for _ in range(chance.choice([1, 1, 5, 500])):
                bad[chance.randrange(len(bad))] = chance.randrange(256)
            database.write_bytes(bytes(bad[: chance.choice([len(bad), len(bad), 5000])]))
            assert get(database, file) in (data, None)
            put(database, file, data)

    @pytest.mark.parametrize("content", [b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", b"x" * 5000])
    def test_a_file_of_another_kind(self, tmp_path: Path, file: Path, content: bytes) -> None:
        """$GBOOK_INDEX names another file by mistake: that file stays as it is."""
        dear = tmp_path / "dear.ics"
        dear.write_bytes(content)
        put(dear, file)
        assert get(dear, file) is None
        assert dear.read_bytes() == content

    def test_the_database_of_another_program(self, tmp_path: Path, file: Path) -> None:
        """The database of another program is neither used nor changed."""
        path = tmp_path / "khal.db"
        db = sqlite3.connect(path)
        db.execute("CREATE TABLE memory (all_of_it TEXT)")
        db.commit()
        db.close()
        content = path.read_bytes()
        put(path, file)
        assert get(path, file) is None
        assert path.read_bytes() == content

    def test_a_database_of_an_older_schema_is_created_again(self, database: Path, file: Path) -> None:
        """Its entries are lost."""
        database.parent.mkdir()
        db = sqlite3.connect(database)
        db.execute("CREATE TABLE memory (old TEXT)")
        db.execute(f"PRAGMA application_id = {KIND.application}")
        db.execute("PRAGMA user_version = 1")
        db.commit()
        db.close()
        put(database, file)
        assert get(database, file) == b"said"

    def test_a_locked_database_is_bypassed(self, database: Path, file: Path) -> None:
        """At once, for reading and for writing."""
        put(database, file)
        db = sqlite3.connect(database)
        db.execute("PRAGMA journal_mode = DELETE")
        db.execute("BEGIN EXCLUSIVE")
        index = Cache(database)
        assert index.get(str(file), "c") is None
        index.put(str(file), "d", b"other")
        index.close()
        db.rollback()
        db.close()
        assert get(database, file) == b"said"

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
    def test_read_only_folder(self, database: Path, file: Path) -> None:
        """A folder that cannot be written to is no error, with and without a database in it."""
        database.parent.mkdir()
        for content in (None, b"damaged" * 999):
            if content is not None:
                database.write_bytes(content)
            database.parent.chmod(0o500)
            put(database, file)
            assert get(database, file) is None
            database.parent.chmod(0o700)

    @pytest.mark.parametrize("where", ["a folder", "below a file", "/dev/full", "/proc/none/x", "a\0b"])
    def test_an_unusable_path_is_bypassed(self, where: str, tmp_path: Path, file: Path) -> None:
        """Whatever $GBOOK_INDEX names."""
        places = {"a folder": tmp_path, "below a file": file / "index"}
        put(places.get(where, Path(where)), file)
        assert get(places.get(where, Path(where)), file) is None


class TestPlace:
    """The place of the cache."""

    @pytest.mark.parametrize("value", ["", "off"])
    def test_gbook_index_off(
        self, value: str, tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """No database is created."""
        monkeypatch.setenv("GBOOK_INDEX", value)
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        index = Cache.default()
        index.put(str(file), "c", b"said")
        index.close()
        assert not (tmp_path / "cache").exists()

    def test_gbook_index_moves_the_database(
        self, tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Its mode is 0600."""
        path = tmp_path / "elsewhere" / "memory"
        monkeypatch.setenv("GBOOK_INDEX", str(path))
        index = Cache.default()
        index.put(str(file), "c", b"said")
        index.close()
        assert Cache.default().get(str(file), "c") == b"said"
        assert path.stat().st_mode & 0o077 == 0


class TestGrowth:
    """The cache does not grow without limit."""

    def test_unused_data_is_deleted(
        self, database: Path, file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Data that was not used for three months is deleted; data in use stays."""
        put(database, file, context="used")
        put(database, file, context="forgotten")
        now = time.time()
        for month in range(1, 7):
            monkeypatch.setattr(time, "time", lambda later=now + month * KEPT_SECONDS / 2.5: later)
            assert get(database, file, "used") == b"said"
            put(database, file, context="new")
        assert rows(database) == 2
        assert get(database, file, "forgotten") is None

    def test_a_file_has_one_row(self, database: Path, file: Path) -> None:
        """However often it changes."""
        for size in range(20):
            file.write_text("x" * size)
            apply_until_stable(file)
            put(database, file)
        assert rows(database) == 1


def test_a_given_fingerprint_is_the_one_compared(database: Path, file: Path) -> None:
    """The fingerprint is taken before reading: cached data never has the fingerprint of a later version."""
    before = fingerprint(file)
    assert before is not None
    file.write_text("changed in the meantime")
    index = Cache(database)
    index.put(str(file), "c", b"old", before)
    index.close()
    assert get(database, file) is None
    assert Cache(database).get(str(file), "c", before) == b"old"
