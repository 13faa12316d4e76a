"""A command pays for what it uses: heavy modules are imported where they are needed, and nowhere before."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.samples import copy_samples

# What a warm query imports of the parts that read and write files.
READING_WARM = {
    *("yamlfiles", "yamlfiles.base_model", "yamlfiles.field_types", "yamlfiles.quoting", "yamlfiles.reader"),
    *("filesystem", "filesystem.companions", "filesystem.files", "filesystem.user_folders"),
}
PARSERS = {"yaml", "ruamel", "icalendar", "recurring_ical_events", "dateutil"}
# What only a calendar on a server needs.
REMOTE = {"ssl", "http", "xml", "netrc", "gbook.dav", "gbook.urls", "gbook.programs"}
REMOTE_STORES = {
    f"gbook.calendars.stores.{name}"
    for name in (
        "caldav",
        "database",
        "feed",
        "feed_content",
        "losses",
        "mirror",
        "refresh",
        "remote",
        "remotes",
    )
}
# What only a person at a terminal pays for.
QUESTIONS = {"questionary", "prompt_toolkit", "asyncio"}


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    """The sample workspace, its files old enough to be remembered."""
    copy_samples(tmp_path)
    for path in tmp_path.rglob("*"):
        os.utime(path, (time.time() - 3600,) * 2)
    return tmp_path


def imported(*arguments: str, folder: Path, **variables: str) -> set[str]:
    """The modules that a run of gbook imports, parents included."""
    run = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "gbook", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONUTF8": "1"} | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    lines = [line for line in run.stderr.splitlines() if line.startswith("import time:")]
    return {line.rsplit("|", 1)[1].strip() for line in lines}


def packages(modules: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in modules}


def test_the_version_costs_nothing(tmp_path: Path) -> None:
    """`gbook --version` imports neither tables, icalendar nor YAML, nor what of gbook uses them."""
    modules = imported("--version", folder=tmp_path)
    assert not packages(modules) & PARSERS
    assert "rich.table" not in modules
    assert not {
        name
        for name in modules
        if name.startswith(("gbook.calendars", "gbook.render", "gbook.scheduling.availability"))
    }


def test_a_warm_query_parses_nothing(samples: Path) -> None:
    """What was read once is remembered: no YAML, no calendar, and as JSON no terminal."""
    cold = imported("availability", "--json", folder=samples)
    assert packages(cold) >= {"yaml"}
    assert not {name for name in cold if REMOTE & {name, ".".join(name.split(".")[:2])}}
    assert not cold & REMOTE_STORES
    warm = imported("availability", "--json", folder=samples)
    assert not packages(warm) & {*PARSERS, *QUESTIONS, "rich", "concurrent", "multiprocessing", "email"}
    # Modules that take a millisecond, and the parts of gbook that only read, edit, lock or write files.
    assert not warm & {"array", "calendar", "contextvars", "dataclasses", "gbook.scheduling.unavailable"}
    reading = {name for name in warm if name.startswith(("gbook.yamlfiles", "gbook.filesystem"))}
    assert reading <= {f"gbook.{name}" for name in READING_WARM}
    assert not {name for name in warm if name.startswith(("gbook.calendars.ics", "gbook.calendars.rules"))}
    assert {name for name in warm if name.startswith("gbook.calendars.commit.")} == {
        "gbook.calendars.commit.paths",
        "gbook.calendars.commit.pending",
    }
    assert "gbook.cli.options.dates" not in warm


def test_msgspec_comes_without_typing_extensions() -> None:
    """msgspec would import it, which takes longer than all the rest of msgspec."""
    code = (
        "import sys, typer; known = set(sys.modules); import gbook.cli.commands;"
        " print(*sys.modules.keys() - known)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert "msgspec" in run.stdout.split()
    assert "typing_extensions" not in run.stdout.split()


@pytest.mark.parametrize("view", ["days", "list", "grid", "text"])
def test_a_view_needs_neither_parser_nor_rich(samples: Path, view: str) -> None:
    """Warm, each view of slots is written as it is."""
    imported("availability", folder=samples)
    warm = imported("availability", "--view", view, folder=samples)
    assert not packages(warm) & {*PARSERS, "rich"}


def test_a_warm_list_of_bookings_parses_nothing(samples: Path) -> None:
    """What is known of bookings needs no reader, and as JSON no terminal."""
    imported("booking", "list", "--json", folder=samples)
    warm = imported("booking", "list", "--json", folder=samples)
    assert not packages(warm) & {*PARSERS, "rich"}


def test_a_booking_without_questions_needs_no_library_for_them(samples: Path) -> None:
    """Only a command that asks something imports it."""
    assert not packages(imported("book", "--slot", "first", "--dry-run", folder=samples)) & QUESTIONS


def test_a_warm_completion_parses_nothing(samples: Path) -> None:
    """A shell waits for a completion: the ids of bookings come from the index."""
    asked = {"COMP_WORDS": "gbook\nbooking\nshow\n", "COMP_CWORD": "3", "_GBOOK_COMPLETE": "complete_bash"}
    imported(folder=samples, **asked)
    warm = imported(folder=samples, **asked)
    assert "gbook.bookings.calendar_records" in warm
    assert not packages(warm) & {*PARSERS, "rich"}
    assert not warm & {"gbook.calendars.busy.reader", "gbook.calendars.ics.scanner"}


COMMANDS_WITH_WORK = (
    "availability",
    "book",
    "booking list",
    "booking reschedule",
    "propose",
    "busy",
    "agenda",
)


@pytest.mark.parametrize("command", ["", *COMMANDS_WITH_WORK, "reservation confirm", "profile create"])
def test_help_imports_no_work(command: str, tmp_path: Path) -> None:
    """Help is text: it imports neither a reader of files nor what a command would do."""
    modules = imported(*command.split(), "--help", folder=tmp_path)
    assert not packages(modules) & {"icalendar", "recurring_ical_events", "yaml", "rich"}
    assert not modules & {"gbook.bookings.event", "gbook.calendars.busy.loader", "gbook.workspace.config"}
