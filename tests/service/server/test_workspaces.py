"""A workspace that changes while it is served: each request finds it as it is then."""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.http_service import HttpService, running_service
from support.samples import copy_samples

from gbook.cache import Fingerprint
from gbook.service.server.memory import Memory, SharedCache

TIMES = "/v1/book/group/profiles/1/meeting?required=all"
# All of 24 November 2026 in New York.
BUSY = """\
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//example//test//EN
BEGIN:VEVENT
UID:all-day@example.com
DTSTAMP:20261101T000000Z
DTSTART:20261124T050000Z
DTEND:20261125T050000Z
SUMMARY:A secret
END:VEVENT
END:VCALENDAR
"""


@pytest.fixture
def service(tmp_path: Path) -> Iterator[HttpService]:
    """A service whose files are old enough to be remembered."""
    workspace = copy_samples(tmp_path / "workspace")
    for path in workspace.rglob("*"):
        make_old(path)
    with running_service(workspace) as running:
        yield running


def make_old(path: Path) -> None:
    """Let a file look as if it was last changed an hour ago."""
    os.utime(path, (time.time() - 3600,) * 2)


def days(service: HttpService) -> set[str]:
    """Return the days that have a slot for all."""
    answer = service.ask("GET", TIMES)
    assert answer.status == 200, answer
    return {item["start"][:10] for item in answer.document["items"]}


@pytest.mark.parametrize("is_old", [True, False])
def test_a_calendar_is_replaced(service: HttpService, is_old: bool) -> None:
    """The next answer knows it, whether the new file was changed a moment or an hour ago."""
    calendar = service.workspace / "sample_calendars/dave.ics"
    before = days(service)
    assert "2026-11-24" in before
    kept = calendar.read_bytes()
    other = calendar.with_name("new.tmp")
    other.write_text(BUSY)
    if is_old:
        make_old(other)
    other.rename(calendar)
    assert "2026-11-24" not in days(service)
    # Written in place, without another name in between.
    calendar.write_bytes(kept)
    assert days(service) == before


def test_many_changes_in_a_moment_are_all_seen(service: HttpService) -> None:
    """Files of the same size, whose time may be the same too."""
    calendar = service.workspace / "sample_calendars/dave.ics"
    contents = {
        day: BUSY.replace("20261125T", f"202611{day + 1}T").replace("20261124T", f"202611{day}T")
        for day in (24, 25)
    }
    assert {"2026-11-24", "2026-11-25"} <= days(service)
    for _ in range(10):
        for day, content in contents.items():
            calendar.write_text(content)
            assert {"2026-11-24", "2026-11-25"} & days(service) == {f"2026-11-{49 - day}"}


def test_a_link_to_a_folder_is_changed(service: HttpService) -> None:
    """The calendars are those of the folder to which it leads now."""
    folder = service.workspace / "sample_calendars"
    elsewhere = shutil.copytree(folder, service.workspace / "other")
    (elsewhere / "dave.ics").write_text(BUSY)
    first = service.workspace / "first"
    folder.rename(first)
    folder.symlink_to(first)
    assert "2026-11-24" in days(service)
    folder.unlink()
    folder.symlink_to(elsewhere)
    assert "2026-11-24" not in days(service)


def test_a_workspace_that_is_gone_makes_no_credentials_wrong(service: HttpService) -> None:
    """Clients throw away what a 401 calls wrong; the folder may only not be mounted."""
    assert service.ask("GET", TIMES).status == 200
    away = service.workspace.rename(service.workspace.with_name("away"))
    answer = service.ask("GET", TIMES)
    assert (answer.status, answer.document["code"]) == (503, "workspace_invalid")
    away.rename(service.workspace)
    assert service.ask("GET", TIMES).status == 200
    line = f"{answer.document['requestId']} invalid: {service.workspace}/gbook.yaml"
    assert line in service.log


def test_an_invalid_workspace_refuses_until_it_is_mended(service: HttpService) -> None:
    """The log says what is wrong, once; the answer does not."""
    config = service.workspace / "gbook.yaml"
    valid = config.read_text()
    for broken in ("accounts: 7\n", ""):
        config.write_text(broken)
        for _ in range(2):
            answer = service.ask("GET", TIMES)
            assert (answer.status, answer.document["code"]) == (503, "workspace_invalid")
            assert answer.headers["retry-after"]
            assert str(service.workspace) not in answer.body.decode()
    config.unlink()
    assert service.ask("GET", TIMES).status == 503
    config.write_text(valid)
    assert days(service)
    assert service.log.count("expected a list, found 7") == 1
    assert "requests are answered again" in service.log


def test_accounts_and_profiles_are_edited(service: HttpService) -> None:
    """By a person, or by the commands."""
    profile = service.workspace / "profiles/aurinkoDemo.yaml"
    profile.write_text(profile.read_text().replace("durationMinutes: 30", "durationMinutes: 45"))
    assert service.ask("GET", "/v1/book/group/profiles/1").document["durationMinutes"] == 45
    service.run("account", "add", "grace", "--email", "grace@example.com", "--create", "--json")
    listed = service.run("account", "list", "--json")["records"]
    number = next(account["number"] for account in listed if account["id"] == "grace")
    attached = service.ask("POST", "/v1/book/group/profiles/1/attachAccounts", {"accountIds": [number]})
    assert attached.document == {"status": "Ok"}


def test_a_lock_is_waited_for_a_moment(service: HttpService) -> None:
    """A booking is told to come again; free times need no lock."""
    slot = {"start": "2026-11-24T14:00:00Z", "end": "2026-11-24T14:30:00Z"}
    body = {"time": slot, "schedulerInfo": {"name": "Jane"}}
    lock = service.workspace / "sample_calendars/.alice.ics.gbook-lock"
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        answer = service.ask("POST", TIMES, body)
        assert (answer.status, answer.document["code"]) == (503, "busy")
        assert answer.headers["retry-after"]
        assert f"{answer.headers['x-request-id']} locked: " in service.log
        assert days(service)
    assert service.ask("POST", TIMES, body).status == 200


def test_the_index_is_deleted(service: HttpService, home_folder: Path) -> None:
    """It is made again, and rows of other processes are as good as one's own."""
    before = days(service)
    for path in (home_folder / ".cache/gbook").iterdir():
        path.unlink()
    assert days(service) == before
    calendar = service.workspace / "sample_calendars/dave.ics"
    calendar.write_text(BUSY)
    make_old(calendar)
    service.run("availability", "--required", "all", "--json")
    assert "2026-11-24" not in days(service)
    assert (home_folder / ".cache/gbook/index.sqlite").exists()


def test_a_damaged_index_costs_only_time(service: HttpService, home_folder: Path) -> None:
    """It is replaced."""
    before = days(service)
    (home_folder / ".cache/gbook/index.sqlite").write_bytes(b"no database at all" * 1000)
    calendar = service.workspace / "sample_calendars/dave.ics"
    calendar.write_bytes(calendar.read_bytes())
    assert days(service) == before


STATE = Fingerprint(1, 2, 3, 4)


def test_a_row_counts_for_the_state_of_its_file(tmp_path: Path) -> None:
    """Another state is another row, in memory and in the index."""
    memory = Memory()
    cache = SharedCache(tmp_path / "index", memory)
    cache.put_value("a", "x", [1, 2], STATE)
    cache.close()
    for other in (cache, SharedCache(None, memory), SharedCache(tmp_path / "index", Memory())):
        assert other.get_value("a", "x", list[int], STATE) == [1, 2]
        assert other.get_value("a", "x", list[int], STATE._replace(size=2)) is None
        assert other.get_value("a", "y", list[int], STATE) is None


def test_a_file_that_may_change_unnoticed_is_not_kept(tmp_path: Path) -> None:
    """It has changed within the last two seconds."""
    memory = Memory()
    recent = STATE._replace(mtime_ns=time.time_ns())
    SharedCache(None, memory).put_value("a", "x", 7, recent)
    assert SharedCache(None, memory).get_value("a", "x", int, recent) is None


def test_a_damaged_row_is_none() -> None:
    """A value of another kind is read again."""
    memory = Memory()
    memory.put(("a", "x"), STATE, b"\xc1")
    assert memory.get(("a", "x"), STATE, int) is None


def test_the_memory_has_a_limit() -> None:
    """The rows that were not used for the longest go first, and one that is too large is not kept."""
    memory = Memory(limit=100)
    for name in "abcde":
        memory.put((name, ""), STATE, b"\xc4\x16" + b"x" * 22)
        memory.get(("a", ""), STATE, bytes)
    assert [name for name in "abcde" if memory.get((name, ""), STATE, bytes)] == ["a", "c", "d", "e"]
    memory.put(("f", ""), STATE, b"x" * 101)
    assert memory.get(("f", ""), STATE, bytes) is None
