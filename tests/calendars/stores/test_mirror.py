"""The mirror: it has what a server said as a whole, or nothing, after any crash, race or damage."""

from __future__ import annotations

import itertools
import os
import random
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from gbook.calendars.stores.database import Damaged
from gbook.calendars.stores.mirror import KEPT_SECONDS, KIND, Mirror, Mirrored
from gbook.errors import GbookError

KEY = "https://dav.example.org/alice/"
NAMES = [f"{letter}.ics" for letter in "abc"]
AT = 1_800_000_000


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "gbook" / "mirror.sqlite"


def content(number: int, name: str) -> bytes:
    """What resource `name` holds after the update with this number."""
    return f"{number} {name} ".encode() * 50


def store(mirror: Mirror, number: int) -> bool:
    """Let a server say, with token `number`, that all resources have changed."""
    return _store(mirror, mirror.look(KEY), number)


def add_one(mirror: Mirror) -> bool:
    """Let a server say what comes after the token of the mirror."""
    base = mirror.look(KEY)
    return _store(mirror, base, int(base.token) + 1 if base else 1)


def _store(mirror: Mirror, base: Mirrored | None, number: int) -> bool:
    changed = {name: (f'"{number}"', content(number, name)) for name in NAMES}
    return mirror.update(KEY, base, Mirrored(AT + number, token=str(number)), changed)


def stored(database: Path, number: int) -> None:
    mirror = Mirror(database)
    assert store(mirror, number)
    mirror.close()


def number_in(mirror: Mirror) -> int | None:
    """The token of the mirror, whose content is that of the token; None if it has nothing."""
    if (said := mirror.look(KEY)) is None:
        assert mirror.states(KEY) == []
        return None
    number = int(said.token)
    assert [name for name, _ in mirror.states(KEY)] == NAMES
    assert said.resources == len(NAMES)
    assert said.size == sum(len(content(number, name)) for name in NAMES)
    for name in NAMES:
        assert mirror.read(KEY, name) == content(number, name)
    return number


def change(database: Path, *statements: str) -> None:
    """Change the database as another program does."""
    db = sqlite3.connect(database)
    with db:
        for statement in statements:
            db.execute(statement)
    db.close()


def found(database: Path) -> int | None:
    """What another process finds: `number_in`, or None if the damage was noticed."""
    mirror = Mirror(database)
    try:
        return number_in(mirror)
    except Damaged:
        assert mirror.look(KEY) is None
        return None
    finally:
        mirror.close()


def in_child(work: Callable[[], None]) -> int:
    """Run `work` in a process of its own; return how it ended, as os.waitpid says it."""
    if not (pid := os.fork()):
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return os.waitpid(pid, 0)[1]


class TestContent:
    """What was said is what is found."""

    def test_an_unknown_calendar(self, database: Path) -> None:
        """Nothing is known of it, which is not the same as an empty calendar."""
        mirror = Mirror(database)
        assert mirror.look(KEY) is None
        assert mirror.update(KEY, None, Mirrored(AT))
        assert mirror.look(KEY) == Mirrored(AT)
        assert mirror.states(KEY) == []
        mirror.close()

    def test_what_is_said_is_kept(self, database: Path) -> None:
        """By this process and for others."""
        said = Mirrored(AT, "t", {"if-none-match": '"x"'}, interval=300, source="s", events=2)
        mirror = Mirror(database)
        assert mirror.update(KEY, None, said, {"b": ('"2"', b"second"), "a": ("", b"first")})
        for each in (mirror, Mirror(database)):
            known = each.look(KEY)
            assert known is not None
            assert (known.validators, known.interval, known.source, known.events) == (
                said.validators,
                300,
                "s",
                2,
            )
            assert (known.resources, known.size) == (2, 11)
            assert [name for name, _ in each.states(KEY)] == ["a", "b"]
            assert each.etags(KEY) == {"a": "", "b": '"2"'}
            assert (each.read(KEY, "a"), each.read(KEY, "b")) == (b"first", b"second")
            assert each.state(KEY, "a") == dict(each.states(KEY))["a"]
            assert each.state(KEY, "c") is None
            with pytest.raises(GbookError, match="no longer in the calendar"):
                each.read(KEY, "c")
            each.close()

    def test_the_revision_changes_iff_the_content_does(self, database: Path) -> None:
        """It is the same again after a change is taken back, in any order, and in another mirror."""
        mirror, other = Mirror(database), Mirror(None)
        seen = []
        for changed, gone in (
            ({"a": ("1", b"x"), "b": ("1", b"y")}, []),
            ({"a": ("2", b"x")}, []),
            ({"a": ("3", b"z")}, ["b"]),
            ({"b": ("4", b"y"), "a": ("5", b"x")}, ["never there"]),
        ):
            assert mirror.update(KEY, mirror.look(KEY), Mirrored(AT), changed, gone)
            said = mirror.look(KEY)
            assert said is not None
            seen.append((said.revision, mirror.states(KEY)))
        assert seen[0] == seen[1] == seen[3] != seen[2]
        other.update(KEY, None, Mirrored(AT + 9), {"b": ("", b"y"), "a": ("", b"x")})
        assert (other_said := other.look(KEY)) is not None
        assert (other_said.revision, other.states(KEY)) == seen[0]
        mirror.close()

    def test_calendars_are_apart(self, database: Path) -> None:
        """A name in one says nothing of the same name in another."""
        mirror = Mirror(database)
        mirror.update("one", None, Mirrored(AT), {"a": ("", b"of one")})
        mirror.update("two", None, Mirrored(AT), {"a": ("", b"of two")})
        mirror.update("one", mirror.look("one"), Mirrored(AT), gone=["a"])
        assert mirror.states("one") == []
        assert mirror.read("two", "a") == b"of two"
        mirror.close()

    def test_calendars_that_nothing_uses_are_deleted(self, database: Path) -> None:
        """After three months, when a new one comes."""
        mirror = Mirror(database)
        store(mirror, 1)
        mirror.update("other", None, Mirrored(AT + KEPT_SECONDS), {"a": ("", b"")})
        assert number_in(mirror) == 1
        mirror.update("third", None, Mirrored(AT + KEPT_SECONDS + 2), {"a": ("", b"")})
        assert number_in(mirror) is None
        assert mirror.read("other", "a") == b""
        mirror.close()

    def test_it_is_private(self, database: Path) -> None:
        """Only its owner may read the calendars in it."""
        stored(database, 1)
        assert database.parent.stat().st_mode & 0o777 == 0o700
        assert {path.stat().st_mode & 0o077 for path in database.parent.iterdir()} == {0}


class TestTwoProcesses:
    """A token is stored only with the data that belongs to it."""

    def test_the_slower_one_stores_nothing(self, database: Path) -> None:
        """What it was told are changes from a state that is no longer there."""
        stored(database, 1)
        slow, fast = Mirror(database), Mirror(database)
        base = slow.look(KEY)
        assert store(fast, 2)
        assert not slow.update(KEY, base, Mirrored(AT, token="3"), {"a.ics": ("", b"late")})
        assert not slow.update(KEY, None, Mirrored(AT, token="3"))
        assert number_in(slow) == 2
        # Another mirror, which has lost the calendar.
        assert not Mirror(None).update(KEY, base, Mirrored(AT, token="3"))
        slow.close()
        fast.close()

    def test_a_confirmation_does_not_hinder_another(self, database: Path) -> None:
        """Both saw the same content; the later time stays."""
        stored(database, 1)
        one, other = Mirror(database), Mirror(database)
        base = one.look(KEY)
        assert other.update(KEY, base, Mirrored(AT + 9, token="1"))
        assert one.update(KEY, base, Mirrored(AT + 5, token="1"))
        assert (said := one.look(KEY)) is not None
        assert said.checked_at == AT + 9
        one.close()
        other.close()

    def test_many_at_once(self, database: Path) -> None:
        """Each update that was stored counts, and none mixes with another."""
        rounds, workers = 25, 4

        def work() -> None:
            mirror = Mirror(database)
            for _ in range(rounds):
                while not add_one(mirror):
                    pass
            mirror.close()

        pids = []
        for _ in range(workers):
            if not (pid := os.fork()):
                code = 1
                try:
                    work()
                    code = 0
                finally:
                    os._exit(code)
            pids.append(pid)
        assert [os.waitpid(pid, 0)[1] for pid in pids] == [0] * workers
        assert found(database) == rounds * workers

    def test_a_fork_opens_it_again(self, database: Path) -> None:
        """Both go on, and what one stores the other finds."""
        mirror = Mirror(database)
        store(mirror, 1)

        def work() -> None:
            assert number_in(mirror) == 1
            assert store(mirror, 2)

        assert in_child(work) == 0
        assert number_in(mirror) == 2
        assert store(mirror, 3)
        mirror.close()
        assert found(database) == 3

    def test_a_fork_reads_what_is_in_memory(self) -> None:
        """With --no-index, readers in other processes have the mirror too."""
        mirror = Mirror(None)
        store(mirror, 1)

        def work() -> None:
            assert number_in(mirror) == 1

        assert in_child(work) == 0
        mirror.close()


class TestCrash:
    """Before or after, never between."""

    def test_killed_between_any_two_statements(self, database: Path) -> None:
        """The token is the old one with the old data, or the new one with the new data."""
        outcomes = set()
        for statement in itertools.count(1):
            shutil.rmtree(database.parent, ignore_errors=True)
            stored(database, 1)

            def work(left: list[int]) -> None:
                mirror = Mirror(database)
                assert mirror.look(KEY)
                db = mirror._database._db
                assert db is not None

                def trace(_: str) -> None:
                    left[0] -= 1
                    if not left[0]:
                        os.kill(os.getpid(), signal.SIGKILL)

                db.set_trace_callback(trace)
                store(mirror, 2)

            ending = in_child(lambda n=statement: work([n]))  # type: ignore[misc]
            outcomes.add(found(database))
            stored(database, 3)
            assert found(database) == 3
            if ending == 0:
                break
        assert statement > 2 * len(NAMES)
        assert outcomes == {1, 2}

    def test_killed_at_any_moment(self, database: Path) -> None:
        """A process that stores one update after the other."""
        chance = random.Random(1)
        last = 0
        for _ in range(15):
            if not (pid := os.fork()):
                try:
                    mirror = Mirror(database)
                    for number in itertools.count(last + 1):
                        store(mirror, number)
                finally:
                    os._exit(1)
            time.sleep(chance.uniform(0, 0.05))
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            number = found(database) or 0
            assert number >= last
            last = number

    def test_a_power_failure_cuts_the_log(self, database: Path, tmp_path: Path) -> None:
        """Wherever it ends: whole transactions are lost, and nothing else."""
        stored(database, 1)
        mirror = Mirror(database)
        for number in (2, 3):
            store(mirror, number)
        log = Path(f"{database}-wal").read_bytes()
        kept = database.read_bytes()
        mirror.close()
        outcomes = []
        for size in [*range(0, len(log), 509), len(log)]:
            copy = tmp_path / str(size) / "mirror.sqlite"
            copy.parent.mkdir()
            copy.write_bytes(kept)
            Path(f"{copy}-wal").write_bytes(log[:size])
            outcomes.append(found(copy))
        assert sorted(set(outcomes), key=str) == [1, 2, 3]
        assert outcomes == sorted(outcomes, key=str)


class TestDamage:
    """A damaged mirror is thrown away; another program's database is left alone."""

    @pytest.mark.parametrize("damage", [b"", b"no database" * 999, b"SQLite format 3\0" + bytes(4096)])
    def test_not_a_database(self, database: Path, damage: bytes) -> None:
        """It is made again, and kept."""
        database.parent.mkdir()
        database.write_bytes(damage)
        assert found(database) is None
        stored(database, 1)
        assert found(database) == 1

    def test_damaged_bytes_are_noticed(self, database: Path) -> None:
        """What is found is what was stored, or nothing; then everything can be stored again."""
        stored(database, 1)
        whole = database.read_bytes()
        chance = random.Random(1)
        outcomes = []
        for _ in range(100):
            bad = bytearray(whole)
            for _ in range(chance.choice([1, 1, 5, 500])):
                bad[chance.randrange(len(bad))] = chance.randrange(256)
            database.write_bytes(bytes(bad[: chance.choice([len(bad), len(bad), 8192])]))
            outcomes.append(found(database))
            mirror = Mirror(database)
            if mirror.look(KEY) is None:
                assert store(mirror, 2)
                assert number_in(mirror) == 2
            mirror.close()
        assert set(outcomes) == {1, None}

    @pytest.mark.parametrize(
        "statement",
        [
            "DELETE FROM resource WHERE name = 'c.ics'",
            "DELETE FROM resource",
            "INSERT INTO resource SELECT calendar, 'z', etag, size, digest, content FROM resource LIMIT 1",
            "UPDATE resource SET content = x'00' WHERE name = 'c.ics'",
            "UPDATE resource SET digest = NULL_DIGEST",
            "UPDATE resource SET digest = 'text', size = 'text'",
            "UPDATE resource SET name = x'ff' WHERE name = 'c.ics'",
            "UPDATE resource SET calendar = 7",
            "UPDATE calendar SET said = x'0000'",
            "UPDATE calendar SET said = 5",
            "DROP TABLE resource",
            "DROP TABLE calendar",
        ],
    )
    def test_rows_that_are_not_as_they_were(self, database: Path, statement: str) -> None:
        """Lost, added and changed rows are noticed, and so are lost tables."""
        stored(database, 1)
        change(database, statement.replace("NULL_DIGEST", "x''"))
        assert found(database) is None
        stored(database, 2)
        assert found(database) == 2

    def test_a_process_that_uses_it_keeps_it(self, database: Path) -> None:
        """The one that notices the damage goes on in memory: two logs for one database would destroy it."""
        stored(database, 1)
        user, finder = Mirror(database), Mirror(database)
        assert user.look(KEY)
        change(database, "DELETE FROM resource WHERE name = 'c.ics'")
        with pytest.raises(Damaged):
            finder.states(KEY)
        assert store(finder, 2)
        assert number_in(finder) == 2
        assert user.look(KEY)
        finder.close()
        user.close()
        assert found(database) is None
        stored(database, 3)
        assert found(database) == 3

    def test_an_older_schema_is_made_again(self, database: Path) -> None:
        """What it had is lost."""
        stored(database, 1)
        change(database, "ALTER TABLE resource DROP COLUMN size", "PRAGMA user_version = 0")
        assert found(database) is None
        stored(database, 2)
        assert found(database) == 2

    def test_another_version_of_gbook_makes_it_again_meanwhile(self, database: Path) -> None:
        """Nothing is stored in tables of another meaning."""
        stored(database, 1)
        mirror = Mirror(database)
        base = mirror.look(KEY)
        change(database, f"PRAGMA user_version = {KIND.schema + 1}")
        with pytest.raises(Damaged):
            mirror.update(KEY, base, Mirrored(AT, token="2"))
        mirror.close()

    def test_the_database_of_another_program(self, database: Path) -> None:
        """It is neither used nor changed."""
        database.parent.mkdir()
        change(database, "CREATE TABLE calendar (all_of_it TEXT)")
        before = database.read_bytes()
        mirror = Mirror(database)
        assert store(mirror, 1)
        assert number_in(mirror) == 1
        mirror.close()
        assert database.read_bytes() == before

    @pytest.mark.parametrize("where", ["a folder", "below a file", "/proc/none/x", "a\0b"])
    def test_a_place_where_nothing_can_be_kept(self, where: str, tmp_path: Path) -> None:
        """The mirror is in memory."""
        (tmp_path / "file").write_text("")
        (tmp_path / "mirror.sqlite").mkdir()
        places = {"a folder": tmp_path / "mirror.sqlite", "below a file": tmp_path / "file" / "x"}
        mirror = Mirror(places.get(where, Path(where)))
        assert store(mirror, 1)
        assert number_in(mirror) == 1
        mirror.close()
        assert mirror.look(KEY) is None
        mirror.close()

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
    def test_a_read_only_folder(self, database: Path) -> None:
        """With and without a database in it, the mirror is in memory."""
        database.parent.mkdir()
        for number in (1, 2):
            database.parent.chmod(0o500)
            mirror = Mirror(database)
            assert store(mirror, number)
            assert number_in(mirror) == number
            mirror.close()
            database.parent.chmod(0o700)
            stored(database, number)

    def test_a_locked_database(self, database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """It is read; what cannot be stored is an error that says where."""
        monkeypatch.setattr("gbook.calendars.stores.database.BUSY_SECONDS", 0.05)
        stored(database, 1)
        db = sqlite3.connect(database, isolation_level=None)
        db.execute("BEGIN IMMEDIATE")
        mirror = Mirror(database)
        assert number_in(mirror) == 1
        with pytest.raises(GbookError, match=r"mirror\.sqlite: database is locked; try again"):
            store(mirror, 2)
        db.rollback()
        db.close()
        assert store(mirror, 2)
        mirror.close()
