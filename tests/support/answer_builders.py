"""Answers built without files, and their recorded output."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from support.consoles import make_console

from gbook.engine.intervals import Intervals
from gbook.engine.quorum import find_slots
from gbook.profiles.hours import parse_hours
from gbook.profiles.model import Group, Profile
from gbook.profiles.schedule import period
from gbook.scheduling.account_time import AccountBusy
from gbook.scheduling.availability import Answer, Query, profile_members
from gbook.scheduling.masks import find_candidates
from gbook.timeutil.instants import parse_instant
from gbook.timeutil.zones import find_zone
from gbook.workspace.config import Account
from gbook.workspace.work_hours import WorkHours

RECORDED = Path(__file__).parents[1] / "render" / "recorded"
NEW_YORK = find_zone("America/New_York")
UTC = find_zone("UTC")
TUESDAY = "2026-11-24T13:00:00Z"
# The busy times of accounts, unless a test gives others: Tuesday to Thursday, in UTC.
BUSY = {
    "alice": ["2026-11-24T14:00:00Z/2026-11-24T16:00:00Z", "2026-11-26T14:00:00Z/2026-11-26T17:00:00Z"],
    "bob": ["2026-11-24T15:00:00Z/2026-11-24T16:30:00Z", "2026-11-26T15:00:00Z/2026-11-26T16:00:00Z"],
    "carol": ["2026-11-25T00:00:00Z/2026-11-26T16:00:00Z"],
    "dave": ["2026-11-24T15:10:00Z/2026-11-24T15:20:00Z", "2026-11-26T15:00:00Z/2026-11-26T16:00:00Z"],
}


def spans(*texts: str) -> Intervals:
    """Return the intervals of texts such as `START/END`."""
    return Intervals((instant(start), instant(end)) for start, end in (text.split("/") for text in texts))


def instant(text: str) -> int:
    return parse_instant(text, UTC)


def answer(
    busy: Mapping[str, list[str]] = BUSY,
    *,
    required: Any = "one",
    now: str = TUESDAY,
    hours: str = "mon-fri 09:00-12:00",
    zone: str = "America/New_York",
    **fields: Any,
) -> Answer:
    """Return the answer for a profile of alice, bob and the group sales, with erin as optional member."""
    defaults: dict[str, Any] = {
        "name": "demo",
        "time_available_for": "P3D",
        "accounts": ("alice", "bob"),
        "groups": (Group(ext_id="sales", account_ids=("carol", "dave")),),
        "optional": ("erin",),
    }
    week = WorkHours(timezone=zone, day_schedules=parse_hours([hours]))
    profile = Profile(**{**defaults, **fields}, work_hours=week)
    query = Query(profile=profile, now=instant(now), required=required)
    shown_zone = find_zone(zone)
    window = period(profile, shown_zone, query.now)
    candidates = find_candidates(profile, shown_zone, window)
    members = profile_members(profile)
    names = [*(name for member in members for name in member.accounts), *profile.optional]
    free = {name: candidates.free(spans(*busy.get(name, ())), Intervals()) for name in names}
    times = {name: account_time(name, *busy.get(name, ())) for name in names}
    slots = find_slots(candidates, members, free, required, profile.optional)
    return Answer(query, shown_zone, window, window, members, candidates, times, free, slots)


def account_time(name: str, *busy: str, readable: bool = True) -> AccountBusy:
    """Return the busy time of one account."""
    account = Account(id=name, email=f"{len(name)}@example.com")
    return AccountBusy(account, spans(*busy), [], [], readable)


def shown(
    show: Callable[..., None], *arguments: Any, width: int = 80, height: int = 24, color: bool = False
) -> str:
    """Return the output of a view on a console of this size; it is the same with and without rich."""
    file, rich_file = io.StringIO(), io.StringIO()
    show(make_console(file, width, height=height, color=color), *arguments)
    show(make_console(rich_file, width, height=height, color=color, only_rich=True), *arguments)
    assert file.getvalue() == rich_file.getvalue()
    return file.getvalue()


def recorded(name: str, text: str) -> str:
    """Return the recorded output of this name; with GBOOK_RECORD=1, record `text` first."""
    path = RECORDED / f"{name}.txt"
    if os.environ.get("GBOOK_RECORD") == "1":
        path.write_text(text, encoding="utf-8")
    return path.read_text(encoding="utf-8")
