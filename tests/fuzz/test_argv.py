"""Words of a command line: numbers, dates, paths, and any other text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.fuzz_corpus import words
from support.fuzz_runner import SLOT, gbook, restored, tried
from support.sandbox import tree

pytestmark = pytest.mark.fuzz


OPTIONS = {
    "availability": [
        "--from",
        "--to",
        "--for",
        "--tz",
        "--required",
        "--limit",
        "--offset",
        "--first",
        "-L",
        "--members-limit",
        "--members-offset",
        "--fail-empty",
        "-q",
        "--ndjson",
        "--format",
        "--view",
        "-p",
        "--account",
    ],
    "book": [
        "--slot",
        "--required",
        "--tz",
        "--reserve",
        "--field",
        "--key",
        "--invite",
        "--email",
        "--name",
        "--group",
        "-p",
    ],
    "busy": ["--from", "--to", "--tz"],
    "why": ["--tz", "--required"],
    "profiles-for": ["--from", "--to", "--required"],
    "booking cancel": ["--reason"],
    "booking reschedule": ["--slot", "--tz"],
}


@tried(200)
@given(
    st.sampled_from([(command, option) for command, options in OPTIONS.items() for option in options]),
    words,
    words,
)
def test_any_text_as_an_option_or_argument(
    workspace: Path, command_option: tuple[str, str], value: str, other: str
) -> None:
    """Any text is a value or an error of the command line, never an internal error."""
    command, option = command_option
    needed = {
        "book": ("--slot", SLOT, "--name", "J"),
        "profiles-for": ("--from", SLOT, "--to", SLOT),
        "why": (other,),
        "busy": (other,),
        "booking cancel": (other,),
        "booking reschedule": (other, "--slot", SLOT),
    }
    with restored(workspace) as before:
        result = gbook(*command.split(), *needed.get(command, ()), option, value, "--json")
        assert result.code not in (1, 5, 6)
        if result.code:
            assert tree(workspace) == before
