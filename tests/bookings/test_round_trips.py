"""How many requests a command sends: each is a round trip, which takes longer than gbook itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.dav import sample
from support.fake_caldav import FakeCalDav
from support.running import Gbook
from support.server_office import make_server_office

ACCOUNTS = 20


def office(folder: Path, fake: FakeCalDav, accounts: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Make a workspace with calendars that are all mirrored, and return their URLs."""
    urls = [fake.new_calendar() for _ in range(accounts)]
    for url in urls:
        fake.put(f"{url}1.ics", sample("1"))
    monkeypatch.chdir(make_server_office(folder, fake, {f"a{i}": url for i, url in enumerate(urls)}))
    return urls


def requests(fake: FakeCalDav, gbook: Gbook, *arguments: str) -> list[str]:
    """The methods of the requests of a command that succeeds."""
    fake.requests.clear()
    gbook.json(*arguments)
    return [each.partition(" ")[0] for each in fake.requests]


def test_a_warm_query_of_many_calendars_is_one_request(
    fake: FakeCalDav, gbook: Gbook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One more for each calendar that has changed, and one for its content."""
    urls = office(tmp_path / "office", fake, ACCOUNTS, monkeypatch)
    gbook.json("availability")
    assert requests(fake, gbook, "availability") == ["PROPFIND"]
    fake.put(f"{urls[3]}2.ics", sample("2"))
    assert requests(fake, gbook, "availability") == ["PROPFIND", "REPORT", "REPORT"]
    assert requests(fake, gbook, "availability", "--offline") == []


def test_the_first_query_sends_three_requests_a_calendar(
    fake: FakeCalDav, gbook: Gbook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Is it a calendar, what is in it, and the content."""
    office(tmp_path / "office", fake, 2, monkeypatch)
    assert requests(fake, gbook, "availability") == ["PROPFIND", "REPORT", "REPORT"] * 2


@pytest.mark.parametrize(
    ("accounts", "sent"),
    [
        (1, ["PUT", "REPORT", "PUT"]),
        (2, ["PUT", "PUT", "PROPFIND", "REPORT", "REPORT", "PUT", "PUT"]),
    ],
)
def test_a_booking(
    fake: FakeCalDav,
    gbook: Gbook,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    accounts: int,
    sent: list[str],
) -> None:
    """After its query it holds, looks again and confirms."""
    office(tmp_path / "office", fake, accounts, monkeypatch)
    options = ("--required", "all", "--name", "Gwen", "--email", "gwen@example.org", "--slot")
    gbook.json("book", *options, "2026-11-24T14:00Z")
    gbook.json("availability")
    query = requests(fake, gbook, "availability")
    assert requests(fake, gbook, "book", *options, "2026-11-24T15:00Z") == query + sent
