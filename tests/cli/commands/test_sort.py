"""`--sort best`, `--slot best` and the rank in `why`: preferences order slots, and exclude none."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.office import make_office
from support.running import Gbook
from support.team import add_event, profile

TUESDAY = "2026-11-24T"
ASKED = ("--from", "2026-11-24", "--to", "2026-11-24", "--required", "all")
GUEST = ("--name", "Gwen", "--email", "gwen@example.org", "--field", "topic=Looms")


@pytest.fixture
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Alice and bob, free all Tuesday from 9 to 17, but for a meeting of bob at 11."""
    folder = make_office(tmp_path / "team")
    profile(folder, "accounts: [alice, bob]")
    add_event(folder / "bob.ics", "11:00", "12:00")
    monkeypatch.chdir(folder)
    return folder


def prefer(folder: Path, account: str, text: str) -> None:
    """Give an account preferences."""
    config = folder / "gbook.yaml"
    config.write_text(config.read_text().replace(f"id: {account},", f"id: {account}, prefer: {text},"))


def times(gbook: Gbook, *more: str) -> list[str]:
    """Return the best slots of Tuesday."""
    items = gbook.json("availability", *ASKED, "--sort", "best", *more)["items"]
    return [item["start"].removeprefix(TUESDAY) for item in items]


def test_without_preferences_days_keep_their_long_free_stretches(team: Path, gbook: Gbook) -> None:
    """First the slots at the edges of the free time; the buffer after a slot is no gap."""
    assert times(gbook)[:3] == ["09:00:00Z", "16:15:00Z", "16:30:00Z"]
    assert times(gbook, "--account", "bob")[:3] == ["09:00:00Z", "10:15:00Z", "12:00:00Z"]


def test_all_slots_stay(team: Path, gbook: Gbook) -> None:
    """By rank there are the same slots as by time."""
    plain = gbook.json("availability", *ASKED)["items"]
    prefer(team, "bob", "{hours: [{start: '13:00', end: '14:00'}], days: [friday], adjacent: true}")
    ranked = gbook.json("availability", *ASKED, "--sort", "best")["items"]
    assert gbook.json("availability", *ASKED)["items"] == plain
    key = {"rank", "cost", "reasons"}
    bare = [{name: item[name] for name in item if name not in key} for item in ranked]
    assert sorted(bare, key=lambda item: str(item["start"])) == plain
    assert [item["rank"] for item in ranked] == [*range(1, len(plain) + 1)]
    assert all(item["cost"] == sum(one["minutes"] for one in item["reasons"]) for item in ranked)


def test_preferred_hours_come_first(team: Path, gbook: Gbook) -> None:
    """Of an account, and of the profile for all of them."""
    prefer(team, "alice", "{hours: [{start: '14:00', end: '15:00'}]}")
    assert set(times(gbook)[:3]) == {"14:00:00Z", "14:15:00Z", "14:30:00Z"}
    profile(team, "accounts: [bob]\nprefer: {hours: [{start: '10:00', end: '10:45'}]}")
    assert times(gbook)[0] == "10:15:00Z"


def test_preferred_days_come_first(team: Path, gbook: Gbook) -> None:
    """Though they are later."""
    prefer(team, "alice", "{days: [Wednesday]}")
    (item,) = gbook.json("availability", "--account", "alice", "--sort", "best", "--limit", "1")["items"]
    assert item["start"] == "2026-11-25T09:00:00Z"


@pytest.mark.parametrize(("adjacent", "first"), [("true", "10:15"), ("false", "09:00")])
def test_adjacent_or_with_a_pause(team: Path, gbook: Gbook, adjacent: str, first: str) -> None:
    """Before the meeting at 11 (the profile keeps 15 minutes free after its own), or away from it."""
    prefer(team, "bob", f"{{adjacent: {adjacent}}}")
    assert times(gbook, "--account", "bob")[0] == f"{first}:00Z"


def test_nobody_is_far_from_office_hours(team: Path, gbook: Gbook) -> None:
    """With bob in New York, the afternoon of alice is best; the one worst off counts."""
    config = team / "gbook.yaml"
    config.write_text(config.read_text().replace("id: bob,", "id: bob, timezone: America/New_York,"))
    (item, *_, last) = gbook.json("availability", *ASKED, "--sort", "best")["items"]
    assert (item["start"], item["reasons"]) == (f"{TUESDAY}16:15:00Z", [])
    (zone,) = [one for one in last["reasons"] if one["code"] == "zone"]
    assert (zone["accountId"], zone["minutes"]) == ("bob", 2 * 300)
    assert zone["message"] == "04:00–04:30 for bob, 300 minutes outside 09:00–17:00"


def test_optional_accounts_make_a_slot_better(team: Path, gbook: Gbook) -> None:
    """Without carol a slot costs more."""
    profile(team, "accounts: [alice]\noptional: [bob]")
    items = gbook.json("availability", *ASKED, "--sort", "best")["items"]
    (without,) = [one for one in items[-1]["reasons"] if one["code"] == "without"]
    assert (without["accountId"], without["message"]) == ("bob", "without bob")


def test_the_best_is_booked_moved_and_proposed(team: Path, gbook: Gbook) -> None:
    """By `--slot best`, and by `--first N --sort best`."""
    prefer(team, "alice", "{hours: [{start: '14:00', end: '16:00'}], adjacent: true}")
    best = times(gbook)[0]
    booked = gbook.json("book", "--required", "all", "--slot", "best", *GUEST)
    assert booked["start"] == f"{TUESDAY}{best}"
    slots = gbook.json(
        "propose", "--first", "2", "--sort", "best", "--for", "1d", "--required", "all", *GUEST
    )
    starts = [one["start"].removeprefix(TUESDAY) for one in slots["reservations"]]
    assert len(starts) == len({*starts, best}) - 1
    prefer(team, "bob", "{hours: [{start: '09:00', end: '09:30'}], days: [wednesday]}")
    moved = gbook.json("booking", "reschedule", booked["id"], "--slot", "best")
    assert moved["start"] == "2026-11-25T09:00:00Z"


def test_an_item_by_rank_can_be_booked(team: Path, gbook: Gbook) -> None:
    """The document names the best slot first."""
    document = gbook("availability", *ASKED, "--sort", "best", "--limit", "1", "--json").out
    booked = gbook("book", "--slot", "-", *GUEST, "--json", stdin=document.encode())
    assert booked.document["start"] == f"{TUESDAY}09:00:00Z"


def test_why_says_the_rank(team: Path, gbook: Gbook) -> None:
    """Its position among all slots, and what counts against it."""
    prefer(team, "bob", "{hours: [{start: '09:00', end: '10:00'}]}")
    shown = gbook("why", f"{TUESDAY}15:00Z", "--required", "all").out
    assert "minutes outside bob's preferred hours; splits alice's afternoon; splits bob's afternoon" in shown
    document = gbook.json("why", f"{TUESDAY}09:00Z", "--required", "all")
    assert (document["rank"], document["reasons"]) == (1, [])
    assert document["of"] == len(gbook.json("availability", "--required", "all")["items"])
    assert "rank" not in gbook.json("why", f"{TUESDAY}11:00Z", "--required", "all")


def test_views_by_time_show_the_best_only(team: Path, gbook: Gbook) -> None:
    """With --limit; below them is the command that books the best."""
    for view in ("days", "grid", "people", "text"):
        result = gbook("availability", *ASKED, "--sort", "best", "--limit", "2", "--view", view)
        assert "Book the best" in result.out
        assert f"--slot {TUESDAY}09:00Z" in result.out.splitlines()[-1]
    best = ("--sort", "best", "--limit", "2")
    lines = gbook("availability", *ASKED, *best, "--format", "{rank} {start:%H:%M}")
    assert lines.out == "1 09:00\n2 16:15\n"


def test_a_table_by_rank(team: Path, gbook: Gbook) -> None:
    """A row a slot with what it costs; without slots, why there are none."""
    shown = gbook("availability", *ASKED, "--sort", "best", "--limit", "20").out
    assert "splits" in shown
    assert "Book the best:" in shown
    assert (
        "No slots"
        in gbook("availability", "--from", "2026-11-23", "--to", "2026-11-23", "--sort", "best").out
    )


def test_wrong_preferences_are_named(team: Path, gbook: Gbook) -> None:
    """A day twice, and a day that is none."""
    prefer(team, "bob", "{days: [monday, monday, mondy]}")
    result = gbook("check", "--json")
    messages = [problem["message"] for problem in result.document["problems"]]
    assert any("mondy" in message for message in messages), messages
