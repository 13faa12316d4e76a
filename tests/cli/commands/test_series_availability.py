"""`gbook availability` and `why` about a series: its documents, views and commands to copy."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from support.running import Gbook
from support.team import TUESDAY, add_event, make_team

WEEKLY = ("--repeat", "weekly", "--count", "3")


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Alice and Bob are attached; Bob is busy on the second Tuesday."""
    folder = make_team(tmp_path / "team", "accounts: [alice, bob]\nrequired: all")
    add_event(folder / "bob.ics", "10:00", "12:00", "RRULE:FREQ=DAILY;COUNT=8;INTERVAL=7", "SUMMARY:Gym")
    monkeypatch.chdir(folder)
    return folder


class TestDocument:
    """The JSON documents."""

    def test_the_keys_of_a_series(self, gbook: Gbook, team: Path) -> None:
        """They are there only if it was asked for."""
        document = gbook.json("availability", *WEEKLY)
        assert list(document)[:4] == ["profile", "required", "repeat", "items"]
        assert document["repeat"] == {
            "rule": "FREQ=WEEKLY;COUNT=3",
            "frequency": "weekly",
            "interval": 1,
            "count": 3,
            "timezone": "UTC",
            "skipBusy": False,
        }
        first = document["items"][0]
        assert list(first) == ["start", "end", "groupXids", "accountIds", "groups", "dates"]
        assert first["dates"] == [f"{day}T09:00:00Z" for day in ("2026-11-24", "2026-12-01", "2026-12-08")]

    def test_dates_that_would_be_left_out(self, gbook: Gbook, team: Path) -> None:
        """Those of the accounts that `book` chooses."""
        add_event(team / "alice.ics", "13:00", "14:00", "RDATE:20261201T130000Z", "EXDATE:20261124T130000Z")
        items = gbook.json("availability", *WEEKLY, "--skip-busy", "--from", "2026-11-24T13:00Z")["items"]
        assert items[0]["skipped"] == ["2026-12-01T13:00:00Z"]
        assert items[-1]["skipped"] == []
        written = gbook.json(
            *("book", "--slot", f"{TUESDAY}13:00Z", "--name", "Gwen", "--email", "g@example.org"),
            *("--field", "topic=Looms", *WEEKLY, "--skip-busy"),
        )
        assert written["skipped"] == items[0]["skipped"]

    def test_reasons_have_a_date(self, gbook: Gbook, team: Path) -> None:
        """Of `why` about a series, and of no other."""
        for words, has_date in ((WEEKLY, True), ((), False)):
            document = gbook.json("why", "2026-11-24", "11:00Z", *words)
            reasons = document["members"][1]["accounts"][0]["reasons"]
            assert [("date" in reason) for reason in reasons] == [has_date] * len(reasons)
        assert len(gbook.json("why", "2026-11-24", "11:00Z", *WEEKLY)["members"][1]["accounts"]) == 1


class TestTables:
    """What a person sees."""

    @pytest.mark.parametrize("view", ["days", "list", "grid", "people", "text"])
    def test_the_heading_names_the_repeat(self, gbook: Gbook, team: Path, view: str) -> None:
        """In every view."""
        shown = gbook("availability", "--view", view, "--repeat", "weekly", "--every", "2", "--count", "3")
        assert "every 2 weeks, 3 times" in shown.out.splitlines()[0]
        skipping = gbook("availability", "--view", view, *WEEKLY, "--skip-busy")
        assert "weekly, up to 3 times" in skipping.out.splitlines()[0]

    def test_the_command_to_book_is_for_the_series(self, gbook: Gbook, team: Path) -> None:
        """It can be copied, and books what is listed."""
        shown = gbook("availability", "--repeat", "weekly", "--every", "2", "--count", "3", "--skip-busy")
        command = shlex.split(shown.out.splitlines()[-1].replace("topic=VALUE", "topic=Looms"))
        assert command[4:11] == [*WEEKLY, "--every", "2", "--skip-busy"]
        booked = gbook.json(
            *command[1:-6], "--field", "topic=Looms", "--name", "G", "--email", "g@example.org"
        )
        assert booked["start"] == gbook.json("booking", "list")["records"][0]["start"]

    def test_no_start_at_all(self, gbook: Gbook, team: Path) -> None:
        """The sentence says on how many dates, and what would help is a command of a series."""
        shown = gbook("availability", *WEEKLY, "--from", "2026-11-24T10:00Z", "--to", "2026-11-24T12:00Z")
        assert "never all free at the same time on all 3 dates in that range" in shown.out
        assert "gbook why -p demo --repeat weekly --count 3" in shown.out

    def test_why_names_dates(self, gbook: Gbook, team: Path) -> None:
        """And the repeat in its heading."""
        shown = gbook("why", "2026-11-24", "11:00Z", *WEEKLY).out
        assert shown.startswith("Tue 24 Nov 2026 11:00–11:30, weekly, 3 times, UTC")
        assert "Tue 1 Dec 2026: busy 10:00–12:00 (Gym, bob.ics)" in shown
