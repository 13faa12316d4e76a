"""Running commands on mutated files: each must end in time, keep to the contract, and lose nothing."""

from __future__ import annotations

import contextlib
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

from hypothesis import HealthCheck, settings
from support.examples import scaled
from support.running import Gbook, Result, check_contract
from support.sandbox import tree

__all__ = [
    "BOOK",
    "LONG_AGO",
    "SLOT",
    "gbook",
    "restored",
    "run_readers",
    "run_writers",
    "tried",
    "use_config",
]

# A factor for the number of examples; 100 takes a night.
TIMES = int(os.environ.get("GBOOK_FUZZ", "1"))
PATIENCE = 20
SLOT = "2026-11-24T15:00Z"
BOOK = ("book", "--name", "Jane", "--email", "jane@example.com", "--field", "topic=x")
LONG_AGO = (1_000_000_000, 1_000_000_000)


def tried(examples: int) -> settings:
    """Return the settings of a test that tries `examples` examples times GBOOK_FUZZ."""
    return settings(
        max_examples=scaled(examples) * TIMES,
        deadline=None,
        derandomize=TIMES == 1,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


@contextlib.contextmanager
def watched() -> Iterator[None]:
    """Fail if the block takes longer than PATIENCE seconds."""

    def fail(*_: object) -> None:
        raise AssertionError(f"still running after {PATIENCE} seconds")

    previous = signal.signal(signal.SIGALRM, fail)
    signal.alarm(PATIENCE)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, previous)


def gbook(*arguments: str, stdin: bytes = b"") -> Result:
    """Run a command in this process, and return its result, which keeps to the contract."""
    with watched():
        result = check_contract(arguments, Gbook()(*arguments, stdin=stdin))
    assert not any(ord(char) < 32 and char != "\n" for char in result.err), (arguments, result.err)
    if result.code:
        assert result.err or result.out, arguments
    if "--json" in arguments:
        json.loads(result.out)
    return result


@contextlib.contextmanager
def restored(workspace: Path) -> Iterator[dict[str, bytes | str]]:
    """Yield the files of a workspace; afterwards restore them, and remove new ones."""
    before = tree(workspace)
    try:
        yield before
    finally:
        for path in sorted(workspace.rglob("*"), reverse=True):
            if path.is_file() and str(path.relative_to(workspace)) not in before:
                path.unlink()
        for name, content in before.items():
            path = workspace / name
            if isinstance(content, bytes) and (not path.exists() or path.read_bytes() != content):
                path.write_bytes(content)


def run_readers(workspace: Path) -> None:
    """Run every command that reads: nothing may change."""
    before = tree(workspace)
    for arguments in (
        ("availability", "--required", "all", "--json"),
        ("busy", "--json", "--from", "2019-01-01", "--to", "2019-03-01"),
        ("busy", "--ics"),
        ("agenda", "--from", "2019-01-01", "--to", "2019-03-01"),
        ("availability", "--view", "people"),
        ("why", SLOT, "--json"),
        ("check", "--json"),
        ("booking", "list", "--json"),
        ("reservation", "list"),
    ):
        gbook(*arguments)
        assert tree(workspace) == before, arguments


def run_writers(workspace: Path) -> None:
    """Run every command that writes: it succeeds, or changes nothing; other bytes than the booking's stay."""
    for arguments in (
        (*BOOK, "--slot", SLOT, "--required", "all"),
        (*BOOK, "--slot", "first", "--account", "bob", "--reserve", "10"),
    ):
        before = tree(workspace)
        if gbook(*arguments, "--json").code:
            assert tree(workspace) == before, arguments
        else:
            old, new = (content["alice.ics"] for content in (before, tree(workspace)))
            assert isinstance(old, bytes) and isinstance(new, bytes)
            common = os.path.commonprefix([old, new])  # noqa: RUF071 - the bytes that both begin with
            assert new.endswith(old[len(common) :]), "other bytes than the booking's have changed"
    listed = json.loads(gbook("booking", "list", "--json").out)
    for uid in [record["id"] for record in listed.get("records", ())][:1]:
        for change in (
            ("booking", "reschedule", uid, "--slot", "2026-11-25T12:00Z"),
            ("booking", "cancel", uid),
            ("booking", "cancel", uid, "--remove"),
        ):
            before = tree(workspace)
            if gbook(*change, "--json").code:
                assert tree(workspace) == before, change


def use_config(workspace: Path) -> None:
    """Run the commands that read or edit gbook.yaml and the profiles."""
    before = tree(workspace)
    for arguments in (
        ("availability", "--json"),
        ("profile", "list", "--json"),
        ("profile", "show", "demo", "--json"),
        ("profile", "validate"),
        ("account", "list", "--json"),
        ("profiles-for", "--from", SLOT, "--to", "2026-11-24T15:30Z", "--json"),
        ("check", "--json"),
    ):
        gbook(*arguments)
        assert tree(workspace) == before, arguments
    for change in (
        (*BOOK, "--slot", SLOT),
        ("profile", "update", "demo", "--set", "durationMinutes=45"),
        ("account", "update", "alice", "--name", "A"),
    ):
        if gbook(*change).code:
            assert tree(workspace) == before, change
        before = tree(workspace)
