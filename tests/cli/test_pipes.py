"""The pipe that gbook is made for: a listed slot is booked, and then no longer listed."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import icalendar
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.examples import scaled
from support.office import snapshot
from support.running import GBOOK, PATIENCE, Gbook
from support.samples import copy_samples

from gbook.timeutil.instants import format_instant

PIPE = (
    "gbook availability --required all --json | "
    "gbook book --slot - --name Jane --email jane@example.com --json"
)


@pytest.fixture
def samples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the sample workspace."""
    monkeypatch.chdir(copy_samples(tmp_path))
    return tmp_path


def piped() -> Any:
    """Return the document at the end of the pipe."""
    line = f"set -o pipefail; gbook() {{ '{GBOOK}' \"$@\"; }}; {PIPE}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_first_slot_is_booked_and_listed_no_longer(samples: Path) -> None:
    """Three times in a row; every file still parses, and has only grown by the bytes inserted."""
    gbook = Gbook()
    for _ in range(3):
        before, listed = snapshot(samples), gbook.json("availability", "--required", "all")["items"]
        booked = piped()
        assert (booked["created"], booked["start"]) == (True, listed[0]["start"])
        assert booked["accountIds"] == listed[0]["accountIds"]
        after = snapshot(samples)
        assert booked["start"] not in {
            item["start"] for item in gbook.json("availability", "--required", "all")["items"]
        }
        for name, data in after.items():
            icalendar.Calendar.from_ical(data)
            assert_inserted(before.get(name, b""), data)
        changed = {name for name in after if after[name] != before.get(name)}
        assert len(changed) == len(booked["calendars"])


def assert_inserted(old: bytes, new: bytes) -> None:
    """Assert that `new` is `old` with one piece inserted."""
    grown = len(new) - len(old)
    at = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), len(old))
    assert grown >= 0
    # The piece may begin with the same bytes as the text after it.
    assert any(new[:n] + new[n + grown :] == old for n in range(max(0, at - 40), at + 1))


def test_until_nothing_is_left(samples: Path) -> None:
    """At the end there are no slots: the command says so and writes nothing."""
    gbook = Gbook()
    window = ("--from", "2026-11-24", "--to", "2026-11-24")
    slots = gbook.json("availability", "--required", "all", *window)["items"]
    for _ in slots:
        left = gbook.json("availability", "--required", "all", *window)["items"]
        if not left:
            break
        assert gbook("book", "--slot", left[0]["start"], "--required", "all").code == 0
    assert gbook.json("availability", "--required", "all", *window)["items"] == []
    before = snapshot(samples)
    assert gbook("book", "--slot", slots[0]["start"], "--required", "all").code == 3
    assert snapshot(samples) == before


@settings(max_examples=scaled(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.integers(1_795_500_000, 1_795_700_000) | st.integers(1_995_000, 1_995_220).map(lambda n: n * 900),
    st.sampled_from(["one", "all", "2"]),
)
def test_a_time_is_booked_if_and_only_if_it_is_listed(samples: Path, start: int, required: str) -> None:
    """`book` takes a time, on the grid or off it, if and only if `availability` lists it."""
    gbook, slot = Gbook(), format_instant(start)
    listed = {item["start"] for item in gbook.json("availability", "--required", required)["items"]}
    result = gbook("book", "--slot", slot, "--required", required, "--dry-run")
    assert (result.code == 0) == (slot in listed), result.err
