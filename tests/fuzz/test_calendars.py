"""Calendars that are mutated, truncated or random: one clear line, a documented exit code, nothing lost."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.fuzz_corpus import FIXTURES, content_lines
from support.fuzz_mutations import Mutation, mutated, mutations
from support.fuzz_runner import LONG_AGO, gbook, restored, run_readers, run_writers, tried
from support.ics import raw_vcalendar, raw_vevent
from support.samples import SAMPLE_CALENDARS

pytestmark = pytest.mark.fuzz


def with_bookings(fixture: bytes, workspace: Path) -> bytes:
    """Return a calendar with the events that gbook wrote into alice's."""
    ours = (workspace / "alice.ics").read_bytes()
    at = fixture.rfind(b"END:VCALENDAR")
    return (
        fixture
        if at < 0
        else fixture[:at] + ours[ours.index(b"BEGIN:VEVENT") : ours.rindex(b"END:VCAL")] + fixture[at:]
    )


@tried(25)
@given(st.sampled_from(FIXTURES), mutations)
def test_a_mutated_calendar_loses_nothing(workspace: Path, fixture: Path, changes: list[Mutation]) -> None:
    """For any content of a calendar with bookings, readers change nothing and writers keep other bytes."""
    with restored(workspace):
        calendar = workspace / "alice.ics"
        calendar.write_bytes(mutated(with_bookings(fixture.read_bytes(), workspace), changes))
        os.utime(calendar, LONG_AGO)
        run_readers(workspace)
        run_writers(workspace)


@tried(20)
@given(st.lists(st.lists(content_lines, max_size=8), min_size=1, max_size=4))
@example([[b"DTSTART:20261124T100000Z", b"RRULE:FREQ=DAILY;INTERVAL=" + b"9" * 400]])
def test_an_event_of_random_lines_loses_nothing(workspace: Path, events: list[list[bytes]]) -> None:
    """Properties in any order, with any parameters and values."""
    with restored(workspace):
        calendar = workspace / "alice.ics"
        calendar.write_bytes(
            raw_vcalendar(*[raw_vevent(f"{each % 2}", *lines) for each, lines in enumerate(events)])
        )
        os.utime(calendar, LONG_AGO)
        run_readers(workspace)
        run_writers(workspace)


@tried(60)
@given(st.sampled_from([path for path in FIXTURES if path.parent == SAMPLE_CALENDARS]), st.integers(0, 9_999))
def test_a_calendar_that_is_cut_off_is_never_free(workspace: Path, fixture: Path, at: int) -> None:
    """Wherever the file ends too early, the account counts as busy."""
    whole = fixture.read_bytes()
    with restored(workspace):
        (workspace / "alice.ics").write_bytes(whole[: whole.rindex(b"END:VCALENDAR") * at // 10_000 + 13])
        os.utime(workspace / "alice.ics", LONG_AGO)
        document = json.loads(gbook("availability", "--required", "one", "--account", "alice", "--json").out)
        assert document["items"] == []
        assert [one["code"] for one in document["warnings"]] == ["unreadable_calendar"]


@tried(10)
@given(mutations)
def test_a_mutated_item_of_a_vdir_loses_nothing(workspace: Path, changes: list[Mutation]) -> None:
    """One damaged file of a vdir beside sound ones."""
    with restored(workspace):
        content = (workspace / "alice.ics").read_bytes()
        (workspace / "carol/a.ics").write_bytes(content)
        (workspace / "carol/b.ics").write_bytes(mutated(content, changes))
        for path in (workspace / "carol").iterdir():
            os.utime(path, LONG_AGO)
        run_readers(workspace)
        run_writers(workspace)
