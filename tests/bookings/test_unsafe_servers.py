"""Calendars whose servers do not support what bookings rest on: nothing is booked there unseen."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.fake_caldav import Behaviour, FakeCalDav
from support.running import Gbook
from support.server_office import make_server_office

BOOK = (
    "book",
    "--slot",
    "2026-11-24T14:00Z",
    "--required",
    "all",
    "--name",
    "Gwen",
    "--email",
    "g@example.org",
)


@pytest.fixture
def config(fake: FakeCalDav, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The gbook.yaml of two accounts with calendars on the server."""
    folder = make_server_office(tmp_path / "office", fake, {name: fake.new_calendar() for name in ("a", "b")})
    monkeypatch.chdir(folder)
    return folder / "gbook.yaml"


def cooperate(config: Path) -> None:
    config.write_text(config.read_text().replace("server: dav}", "server: dav, concurrency: cooperative}"))


def findings(gbook: Gbook) -> list[str]:
    return [each["code"] for each in gbook.json("check")["problems"]]


@pytest.mark.parametrize(
    "behaviour", [Behaviour(ignores_if_none_match=True), Behaviour(ignores_if_match=True)]
)
def test_conditions_that_are_ignored(
    config: Path, fake: FakeCalDav, gbook: Gbook, behaviour: Behaviour
) -> None:
    """The booking is refused with the ways out, `check` names the calendars, and the test event is gone."""
    fake.behaviour = behaviour
    refused = gbook(*BOOK)
    assert refused.code == 5
    assert "readonly: true" in refused.err and "concurrency: cooperative" in refused.err
    assert not any(fake.calendars.values())
    assert findings(gbook) == ["unsafe_server"] * 2


def test_cooperative_bookings(config: Path, fake: FakeCalDav, gbook: Gbook) -> None:
    """The user has said that no other program books there, so nothing is wrong with it."""
    fake.behaviour = Behaviour(ignores_if_none_match=True, ignores_if_match=True)
    cooperate(config)
    record = gbook.json(*BOOK)
    assert [list(names) for names in fake.calendars.values()] == [[f"{record['id']}.ics"]] * 2
    assert gbook(*BOOK).code == 3
    gbook.json("booking", "reschedule", record["id"], "--slot", "2026-11-24T15:00Z")
    assert gbook.json("booking", "cancel", record["id"])["status"] == "cancelled"
    assert findings(gbook) == []


def test_a_calendar_that_refuses_writes(config: Path, fake: FakeCalDav, gbook: Gbook) -> None:
    """Also if bookings there are cooperative."""
    fake.behaviour = Behaviour(write_status=403, does_write=False)
    cooperate(config)
    refused = gbook(*BOOK)
    assert (refused.code, "cannot be written" in refused.err) == (5, True)
