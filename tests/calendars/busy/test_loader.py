"""Many calendars with a cache: the answer is the same as without, but only changed files are read."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support.environment import clean_environment
from support.ics import EMAIL, instant, vcalendar, vevent
from support.samples import copy_samples

from gbook.cache import Cache
from gbook.calendars.busy import loader as load
from gbook.calendars.busy.cached import Policy, ReadOptions
from gbook.calendars.busy.loader import CalendarBusy, Source, load_calendars
from gbook.calendars.stores.base import Item, read_settled
from gbook.calendars.stores.vdir import local_store

ROOT = Path(__file__).parents[3]
LOW, HIGH = instant("2026-11-01"), instant("2026-12-15")
VIEW = ReadOptions(EMAIL, "Europe/Berlin")
LONG_AGO = 1_600_000_000


def write(path: Path, content: bytes, at: float | None = None) -> None:
    """Put a file into place, as sync tools do, with an old modification time."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_bytes(content)
    os.utime(fresh, (at or LONG_AGO, at or LONG_AGO))
    fresh.replace(path)


def event(day: int, hour: int = 9, *lines: str) -> str:
    return vevent(f"UID:{day}-{hour}", f"DTSTART:202611{day:02}T{hour:02}0000Z", "DURATION:PT1H", *lines)


@pytest.fixture
def vdir(tmp_path: Path) -> Path:
    folder = tmp_path / "vdir"
    folder.mkdir()
    for day in range(10, 20):
        write(folder / f"{day}.ics", vcalendar(event(day)))
    return folder


class Reading:
    """Loads calendars with a cache, and records which files were read."""

    def __init__(self, database: Path | None, monkeypatch: pytest.MonkeyPatch) -> None:
        self.database = database
        self.read: list[str] = []

        def counted(item: Item, *rest: Callable[[bytes], object]) -> object:
            self.read.append(Path(str(item)).name)
            return read_settled(item, *rest)

        monkeypatch.setattr(load, "read_settled", counted)

    def __call__(
        self, *paths: Path, low: int = LOW, high: int = HIGH, view: ReadOptions = VIEW
    ) -> list[CalendarBusy]:
        self.read.clear()
        index = Cache(self.database)
        sources = [Source("alice", local_store(path), path.name, view) for path in paths]
        found = load_calendars(sources, low, high, index)
        index.close()
        return found

    def cold(self, *paths: Path, view: ReadOptions = VIEW) -> list[CalendarBusy]:
        sources = [Source("alice", local_store(path), path.name, view) for path in paths]
        return load_calendars(sources, LOW, HIGH, Cache(None))


@pytest.fixture
def reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reading:
    return Reading(tmp_path / "index.sqlite", monkeypatch)


class TestWhatIsRead:
    """Only what changed is read again."""

    def test_a_repeated_query_reads_no_file(self, vdir: Path, reading: Reading) -> None:
        """Everything comes from the cache."""
        first = reading(vdir)
        assert len(reading.read) == 10
        assert reading(vdir) == first
        assert reading.read == []

    def test_narrower_and_later_windows(self, vdir: Path, reading: Reading) -> None:
        """What was read for a window answers every question inside it, and tomorrow's."""
        reading(vdir)
        (found,) = reading(vdir, low=instant("2026-11-12T09:30"), high=instant("2026-11-13"))
        assert list(found.busy) == [(instant("2026-11-12T09:30"), instant("2026-11-12T10:00"))]
        reading(vdir, low=LOW + 86_400, high=HIGH + 86_400)
        assert reading.read == []

    def test_a_wider_window_reads_again(self, vdir: Path, reading: Reading) -> None:
        """The cache covers only the window that was read."""
        reading(vdir)
        reading(vdir, high=HIGH + 400 * 86_400)
        assert len(reading.read) == 10

    def test_only_changed_items_of_a_vdir_are_read(self, vdir: Path, reading: Reading) -> None:
        """The others come from the cache."""
        reading(vdir)
        write(vdir / "12.ics", vcalendar(event(12, 15)), LONG_AGO + 1)
        write(vdir / "new.ics", vcalendar(event(21)))
        (vdir / "13.ics").unlink()
        (vdir / "14.ics").rename(vdir / "renamed.ics")
        assert reading(vdir) == reading.cold(vdir)
        reading(vdir)
        assert reading.read == []

    def test_hidden_and_temporary_files_are_no_items(self, vdir: Path, reading: Reading) -> None:
        """Nor are folders."""
        for name in (".hidden.ics", "half.ics.tmp", "notes.txt"):
            (vdir / name).write_bytes(b"garbage")
        (vdir / "folder.ics").mkdir()
        (found,) = reading(vdir)
        assert found.readable
        assert len(reading.read) == 10

    @pytest.mark.parametrize(
        "view",
        [
            ReadOptions("bob@example.com", "Europe/Berlin"),
            ReadOptions(EMAIL, "Asia/Tokyo"),
            ReadOptions(EMAIL, "Europe/Berlin", Policy(all_day="free")),
        ],
    )
    def test_other_read_options_read_again(self, vdir: Path, reading: Reading, view: ReadOptions) -> None:
        """Address, zone and policy are part of the key of the cache."""
        write(
            vdir / "day.ics",
            vcalendar(vevent("DTSTART;VALUE=DATE:20261124", f"ATTENDEE;PARTSTAT=DECLINED:mailto:{EMAIL}")),
        )
        reading(vdir)
        assert reading(vdir, view=view) == reading.cold(vdir, view=view)

    def test_another_version_reads_again(
        self, vdir: Path, reading: Reading, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Another version of gbook or of the tz database."""
        reading(vdir)
        monkeypatch.setattr(load, "versions", lambda: "another")
        reading(vdir)
        assert len(reading.read) == 10

    @pytest.mark.parametrize("age", [0, 1.0])
    def test_a_file_just_written_is_read_again(self, vdir: Path, reading: Reading, age: float) -> None:
        """It could change again within the same clock tick."""
        item, at = vdir / "12.ics", time.time() - age
        write(item, vcalendar(event(12, 11)), at)
        reading(vdir)
        item.write_bytes(vcalendar(event(12, 15)))
        os.utime(item, (at, at))
        assert reading(vdir) == reading.cold(vdir)

    def test_edit_that_hides_its_time(self, vdir: Path, reading: Reading) -> None:
        """An edit in place that keeps the size and sets the time of change back is noticed all the same."""
        reading(vdir)
        item = vdir / "12.ics"
        changed = item.read_bytes().replace(b"20261112T09", b"20261112T10")
        time.sleep(0.02)
        item.write_bytes(changed)
        os.utime(item, (LONG_AGO, LONG_AGO))
        assert reading(vdir) == reading.cold(vdir)

    def test_series_are_remembered_one_by_one(self, tmp_path: Path, reading: Reading) -> None:
        """A series says the same as long as it, its overrides and zones are the same."""
        path = tmp_path / "a.ics"
        series = vevent(
            "UID:s", "DTSTART;TZID=X:20200106T090000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY", "EXDATE:no"
        )
        for n, part in enumerate(
            [
                series,
                series + "\r\n" + event(12),
                series.replace("PT1H", "PT2H"),
                series
                + "\r\n"
                + vevent("UID:s", "RECURRENCE-ID:20261109T080000Z", "DTSTART:20261109T200000Z"),
                "X-WR-TIMEZONE:Asia/Tokyo\r\n" + series,
                series,
            ]
        ):
            write(path, vcalendar(part), LONG_AGO + n)
            assert reading(path) == reading.cold(path)


class TestWarmIsCold:
    """Whatever happens to the files between two questions, the answer is that of reading them all."""

    @pytest.mark.parametrize("seed", range(8))
    def test_the_cache_never_changes_an_answer(
        self, seed: int, tmp_path: Path, vdir: Path, reading: Reading
    ) -> None:
        """Random edits: events added, removed, moved; files rewritten, touched, renamed, damaged, removed."""
        chance = random.Random(seed)
        single = tmp_path / "single.ics"
        ticks = iter(range(LONG_AGO, LONG_AGO + 10**6))
        write(single, vcalendar(event(10)), next(ticks))
        for _ in range(25):
            items = sorted(vdir.glob("*.ics"))
            day, hour = chance.randrange(1, 29), chance.randrange(24)
            deed = chance.choice(
                ["append", "change", "remove", "touch", "add", "rename", "same", "break", "series"]
            )
            target = chance.choice([single, *items])
            parts = [event(day, hour), *([event(day, (hour + 5) % 24)] if deed == "append" else [])]
            if deed in ("append", "change", "same"):
                # "same": the time of the file stays, and often its size; it is another file all the same.
                write(target, vcalendar(*parts), target.stat().st_mtime if deed == "same" else next(ticks))
            elif deed == "series":
                write(
                    target,
                    vcalendar(vevent(f"DTSTART:201911{day:02}T090000Z", "DURATION:PT3H", "RRULE:FREQ=DAILY")),
                    next(ticks),
                )
            elif deed == "break":
                write(target, vcalendar(*parts)[: chance.randrange(90)], next(ticks))
            elif deed == "touch":
                os.utime(target, (now := next(ticks), now))
            elif deed == "add":
                write(vdir / f"{chance.random()}.ics", vcalendar(*parts), next(ticks))
            elif deed == "remove" and items:
                chance.choice(items).unlink()
            elif deed == "rename" and items:
                chance.choice(items).rename(vdir / f"{chance.random()}.ics")
            assert reading(single, vdir) == reading.cold(single, vdir), deed


class TestUnreadable:
    """What cannot be read is never free, and never silent."""

    @pytest.mark.parametrize("content", [b"", b"garbage", b"\0" * 100, vcalendar(event(12))[:-9]])
    def test_an_unreadable_item_makes_the_vdir_unreadable(
        self, vdir: Path, reading: Reading, content: bytes
    ) -> None:
        """The warning names it, until it is repaired."""
        write(vdir / "12.ics", content)
        for _ in range(2):
            (found,) = reading(vdir)
            assert not found.readable
            assert [(w.code, w.path) for w in found.warnings] == [("unreadable_calendar", "vdir/12.ics")]
        write(vdir / "12.ics", vcalendar(event(12)))
        (found,) = reading(vdir)
        assert found.readable
        assert len(found.busy) == 10

    def test_a_dangling_link_is_unreadable(self, vdir: Path, reading: Reading) -> None:
        """Like an item that cannot be read."""
        (vdir / "lost.ics").symlink_to("nowhere")
        for _ in range(2):
            (found,) = reading(vdir)
            assert not found.readable
            assert [w.path for w in found.warnings] == ["vdir/lost.ics"]

    def test_a_link_is_followed(self, vdir: Path, reading: Reading, tmp_path: Path) -> None:
        """A change of its target is noticed."""
        target = tmp_path / "target.ics"
        write(target, vcalendar(event(25)))
        (vdir / "link.ics").symlink_to(target)
        assert len(reading(vdir)[0].busy) == 11
        write(target, vcalendar(event(25), event(26)))
        assert len(reading(vdir)[0].busy) == 12

    @pytest.mark.parametrize("name", ["missing.ics", "missing", "folder.ics", "pipe.ics"])
    def test_a_path_without_calendar_is_a_one_line_warning(
        self, tmp_path: Path, reading: Reading, name: str
    ) -> None:
        """A missing file or folder, a folder named like a file, a pipe."""
        (tmp_path / "folder.ics").mkdir()
        os.mkfifo(tmp_path / "pipe.ics")
        (found,) = reading(tmp_path / name)
        assert not found.readable
        (warning,) = found.warnings
        assert warning.code == "unreadable_calendar"
        assert "\n" not in warning.message

    def test_one_calendar_of_many(self, vdir: Path, tmp_path: Path, reading: Reading) -> None:
        """A calendar that cannot be read hides no other."""
        found = reading(tmp_path / "missing.ics", vdir)
        assert [calendar.readable for calendar in found] == [False, True]


# ------------------------------------------------------------------------------------- whole processes


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """The samples, last changed long ago."""
    folder = tmp_path / "workspace"
    copy_samples(folder)
    for path in folder.rglob("*"):
        os.utime(path, (LONG_AGO, LONG_AGO))
    return folder


def environment(workspace: Path, **more: str) -> dict[str, str]:
    return clean_environment(workspace.parent, XDG_CACHE_HOME=str(workspace.parent / "cache"), **more)


def gbook(
    workspace: Path, *arguments: str, python: tuple[str, ...] = (), **more: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *python, "-m", "gbook", *arguments],
        cwd=workspace,
        env=environment(workspace, **more),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def imported(ran: subprocess.CompletedProcess[str]) -> set[str]:
    """The packages that a process run with `-X importtime` has imported."""
    assert ran.returncode == 0, ran.stderr
    lines = [line for line in ran.stderr.splitlines() if line.startswith("import time:")]
    modules = {line.rpartition("|")[2].strip() for line in lines}
    return modules | {module.partition(".")[0] for module in modules}


QUERY = ("availability", "--required", "all", "--json")


class TestProcesses:
    """The command itself, as scripts run it."""

    def test_warm_query_imports_nothing_that_reads(self, workspace: Path) -> None:
        """A query about what did not change loads no iCalendar or YAML library, and answers the same."""
        cold = gbook(workspace, *QUERY)
        assert cold.returncode == 0, cold.stderr
        warm = gbook(workspace, *QUERY, python=("-X", "importtime"))
        assert json.loads(warm.stdout) == json.loads(cold.stdout)
        assert not imported(warm) & {
            "icalendar",
            "recurring_ical_events",
            "dateutil",
            "yaml",
            "ruamel",
            "rich.table",
        }

    def test_version_imports_nothing(self, workspace: Path) -> None:
        """The version is told at once."""
        ran = gbook(workspace, "--version", python=("-X", "importtime"))
        assert not imported(ran) & {
            "icalendar",
            "recurring_ical_events",
            "yaml",
            "ruamel",
            "rich.table",
            "sqlite3",
        }

    def test_no_index_leaves_no_file(self, workspace: Path) -> None:
        """--no-index and GBOOK_INDEX=off give the same answer and create no cache."""
        off = gbook(workspace, *QUERY, "--no-index")
        assert off.returncode == 0, off.stderr
        assert gbook(workspace, *QUERY, GBOOK_INDEX="off").stdout == off.stdout
        assert not (workspace.parent / "cache").exists()
        assert gbook(workspace, *QUERY).stdout == off.stdout
        assert (workspace.parent / "cache" / "gbook" / "index.sqlite").exists()

    def test_eight_processes_create_the_cache_at_once(self, workspace: Path) -> None:
        """All give the same answer."""
        command = [sys.executable, "-m", "gbook", *QUERY]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        running = [
            subprocess.Popen(command, cwd=workspace, env=environment(workspace), **pipes)  # type: ignore[call-overload]
            for _ in range(8)
        ]
        ended = [process.communicate(timeout=120) for process in running]
        assert {process.returncode for process in running} == {0}
        assert len({out for out, _ in ended}) == 1
        assert {err for _, err in ended} == {b""}
        assert gbook(workspace, *QUERY).stdout.encode() == ended[0][0]
