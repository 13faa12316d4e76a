"""Over HTTP the times are those of the command line, and exactly the listed ones can be booked."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.api import Api, make_api_office
from support.examples import scaled
from support.running import Gbook

from gbook.timeutil.instants import format_instant

NUMBERS = {"alice": 1, "bob": 2, "carol": 3}
# Instants: the quarters of an hour of Tuesday and Friday in which demo is open.
OPEN = [day + 900 * quarter for day in (1_795_507_200, 1_795_766_400) for quarter in range(12)]
PATH = "/group/profiles/1/meeting"


@st.composite
def members(draw: st.DrawFn) -> str:
    """Draw the members of a profile, as its file has them, and how its slots follow each other."""
    accounts = draw(st.lists(st.sampled_from([*NUMBERS]), unique=True, max_size=3))
    lines = [f"accounts: [{', '.join(accounts)}]"]
    groups = draw(st.lists(st.lists(st.sampled_from([*NUMBERS]), unique=True, min_size=1), max_size=2))
    if groups:
        lines.append("groups:")
    for i, group in enumerate(groups):
        required = draw(st.sampled_from(["one", "all", *range(1, len(group) + 1)]))
        lines.append(f"  - {{extId: g{i}, accountIds: [{', '.join(group)}], required: {required}}}")
    size = len(accounts) + len(groups)
    lines.append(f"required: {draw(st.sampled_from(['one', 'all', *range(1, size + 1)]))}")
    lines.append(f"bufferBetweenMinutes: {draw(st.sampled_from([0, 15]))}")
    return "\n".join(lines)


def events(starts: list[int]) -> str:
    """Return a calendar with an event of a quarter of an hour at each of these instants."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//somebody//else//EN"]
    for start in starts:
        begin, end = (_basic(format_instant(instant)) for instant in (start, start + 900))
        lines += ["BEGIN:VEVENT", f"UID:{start}", f"DTSTART:{begin}", f"DTEND:{end}", "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


def _basic(text: str) -> str:
    return text.replace("-", "").replace(":", "")


@settings(
    max_examples=scaled(60), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    members=members(),
    busy=st.tuples(*[st.lists(st.sampled_from(OPEN), max_size=6)] * 2),
    required=st.sampled_from([None, "one", "all"]),
    day=st.sampled_from([None, "2026-11-24", "2026-11-27"]),
    chosen=st.integers(0, len(OPEN) - 1),
)
def test_the_same_times(
    gbook: Gbook,
    members: str,
    busy: tuple[list[int], list[int]],
    required: str | None,
    day: str | None,
    chosen: int,
) -> None:
    """Whatever the members, their events and the window, and each account by its number."""
    with TemporaryDirectory() as folder:
        api = Api(make_api_office(Path(folder) / "office", members))
        for name, starts in zip(("alice", "bob"), busy, strict=True):
            (api.root / f"{name}.ics").write_text(events(starts))
        options = [
            *(["--required", required] if required else []),
            *(["--from", day, "--to", day] if day else []),
        ]
        document = gbook.json("--workspace", folder + "/office", "--no-index", "availability", *options)
        query = {"required": required, "fromDate": day, "intervalLength": day and "P1D", "limit": 100}
        answer = api.ok("GET", PATH, query={key: value for key, value in query.items() if value})
        assert answer["items"] == [_item(item) for item in document["items"]]
        assert answer["totalSize"] == document["totalSize"]
        assert answer.get("nextFromDate") == document["nextFromDate"]
        _book(api, format_instant(OPEN[chosen]), {"required": required} if required else {})


def _item(item: dict[str, Any]) -> dict[str, Any]:
    """Return an item of the command line as it is sent."""
    numbers = [NUMBERS[name] for name in item["accountIds"]]
    return {key: item[key] for key in ("start", "end", "groupXids")} | {"accountIds": numbers}


def _book(api: Api, start: str, query: dict[str, str]) -> None:
    """Book a time, with all members that are listed for it: this succeeds if and only if it is listed."""
    items = api.ok("GET", PATH, query={**query, "limit": "100"})["items"]
    listed: dict[str, Any] = next((item for item in items if item["start"] == start), {})
    members = {key: value for key, value in listed.items() if key in ("groupXids", "accountIds")}
    answer = api.ask("POST", PATH, {"time": {"start": start}, "name": "Jane", **members}, query)
    assert answer.status_code == (200 if listed else 409), answer.text
