"""The examples of the help: each can be pasted in the workspace of `gbook init --demo`, on any day."""

from __future__ import annotations

import shlex
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from support.fake_caldav import fake_caldav
from support.running import Gbook

from gbook.cli import app

# A Monday, a Friday and a Saturday.
DAYS = ["2026-11-23T08:00:00Z", "2026-11-27T21:00:00Z", "2026-11-28T12:00:00Z"]
# Examples that name a booking have this id.
BOOKING = uuid.UUID("5a2f5c1e-0000-4000-8000-000000000000")
REPLY = """\
From: Jane <jane@example.com>
Content-Type: text/calendar; charset=utf-8; method=REPLY

BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//example//guest//EN
METHOD:REPLY
BEGIN:VEVENT
UID:{uid}
DTSTAMP:20261123T090000Z
DTSTART:{start}
ORGANIZER:mailto:alice@example.com
ATTENDEE;PARTSTAT=ACCEPTED:mailto:jane@example.com
END:VEVENT
END:VCALENDAR
"""


def examples() -> Iterator[Any]:
    """Yield the example of every command and group that has one."""
    root: Any = typer.main.get_command(app)
    context = typer.Context(root, info_name="gbook")
    for command, path in _commands(root, context, "gbook"):
        _, mark, line = (command.epilog or "").partition(": ")
        assert mark, f"{path} has no example"
        if path != "gbook serve":  # it ends by a signal only: tests/service/server/test_serving.py
            yield pytest.param(line, id=path)


def _commands(command: Any, context: typer.Context, path: str) -> Iterator[tuple[Any, str]]:
    yield command, path
    for name in command.list_commands(context) if hasattr(command, "list_commands") else ():
        inner = command.get_command(context, name)
        yield from _commands(inner, typer.Context(inner, parent=context, info_name=name), f"{path} {name}")


@pytest.fixture(scope="module")
def demos() -> dict[str, Path]:
    """The workspace of `gbook init --demo` at each present time that a test has asked for."""
    return {}


@pytest.fixture(params=DAYS)
def demo(
    request: pytest.FixtureRequest,
    demos: dict[str, Path],
    tmp_path_factory: pytest.TempPathFactory,
    gbook: Gbook,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """A copy of the one at a present time: the current folder."""
    now, copy = request.param, tmp_path_factory.mktemp("demo") / "copy"
    monkeypatch.setenv("GBOOK_NOW", now)
    if now not in demos:
        demos[now] = tmp_path_factory.mktemp("demo")
        assert gbook("init", "--demo", str(demos[now])).code == 0
    monkeypatch.chdir(shutil.copytree(demos[now], copy))
    return copy


@pytest.mark.parametrize("line", list(examples()))
def test_an_example_can_be_pasted(
    line: str, demo: Path, gbook: Gbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It succeeds; a booking, a reservation or a reply that it names exists."""
    words, _, _ = line.partition(" > ")
    program, *arguments = shlex.split(words)
    assert program == "gbook"
    if BOOKING.hex[:8] in line or arguments[:2] == ["booking", "reply"]:
        _book(gbook, arguments, demo, monkeypatch)
    if arguments[:2] == ["account", "remove"]:
        gbook.json("account", "add", "jane", "--email", "jane@example.com", "--create")
    if arguments[:2] == ["client", "remove"]:
        gbook("client", "add", arguments[2])
    with fake_caldav() as server:
        result = gbook(*(each.replace("https://dav.example.com", server.url) for each in arguments))
    assert (result.code, result.err) == (0, ""), result


def _book(gbook: Gbook, arguments: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the booking or the reservation that an example names, and the reply of its guest."""
    reserve = ("--reserve", "1w") if arguments[0] == "reservation" else ()
    guest: tuple[str, ...] = ("--name", "Jane", "--email", "jane@example.com")
    if arguments[:3] == ["booking", "guest", "remove"]:
        guest += ("--invite", arguments[-1])
    with monkeypatch.context() as patch:
        patch.setattr(uuid, "uuid4", lambda: BOOKING)
        booked = gbook.json("book", "--slot", "first", "--required", "all", *guest, *reserve)
    assert booked["id"].startswith(BOOKING.hex[:8])
    start = booked["start"].replace("-", "").replace(":", "")
    (folder / "answer.eml").write_text(REPLY.format(uid=booked["id"], start=start))
