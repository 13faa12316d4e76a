"""The benchmarks run, and all programs in them find the same busy time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
pytestmark = [
    pytest.mark.bench,
    pytest.mark.skipif(not BENCHMARKS.is_dir(), reason="installed without its benchmarks"),
]


def script(name: str, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a script of the benchmarks."""
    command = [sys.executable, str(BENCHMARKS / name), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def contents(folder: Path) -> dict[str, bytes]:
    """Return the contents of all files, by path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    """The same seed gives the same calendars; another seed gives others."""
    for name, seed in (("one", 5), ("two", 5), ("other", 6)):
        words = ("--accounts", "3", "--events", "60", "--vdir-share", "0.34", "--seed", str(seed))
        assert script("generate.py", tmp_path / name, *words).returncode == 0
    one, two, other = (contents(tmp_path / name) for name in ("one", "two", "other"))
    assert one == two
    assert one["calendars/a00002.ics"] != other["calendars/a00002.ics"]


def test_events_are_counted_as_asked(tmp_path: Path) -> None:
    """`--events` counts VEVENT components, overrides among them, in a file and in a vdir."""
    words = ("--accounts", "2", "--events", "150", "--vdir-share", "0.5", "--series-share", "0.2")
    assert script("generate.py", tmp_path, *words).returncode == 0
    vdir = b"".join(contents(tmp_path / "calendars" / "a00000").values())
    single = (tmp_path / "calendars" / "a00001.ics").read_bytes()
    assert vdir.count(b"BEGIN:VEVENT") == single.count(b"BEGIN:VEVENT") == 150
    assert b"RECURRENCE-ID" in single


@pytest.mark.parametrize("vdir_share", ["0", "0.5"])
def test_gbook_and_its_peers_agree(vdir_share: str) -> None:
    """gbook cold, warm and after changes finds the busy time that its peers find; else exit 1.

    libical takes part where its headers and a C compiler are installed.
    """
    parts = "cold,warm,changed,book,cancel,fsync,loop,libical,jump,engine"
    ran = script("run.py", "--quick", "--vdir-share", vdir_share, "--only", parts)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "gbook cold" in ran.stdout
    assert "Different busy time" not in ran.stdout


def test_calendars_on_servers_give_the_answer_of_the_disk() -> None:
    """On Radicale and xandikos; else exit 1."""
    ran = script("run.py", "--quick", "--only", "servers")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    for kind in ("radicale", "xandikos"):
        assert f"{kind}: first sync ÷ curl" in ran.stdout


def test_the_server_is_measured() -> None:
    """Over the sample and over generated calendars."""
    ran = script("run.py", "--quick", "--only", "service")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "calendars over HTTP, ms a request" in ran.stdout


def test_an_absent_peer_takes_no_part() -> None:
    """Without the folder of its packages, a peer is left out with a line on stderr."""
    ran = script("run.py", "--quick", "--only", "warm,icalevents,ical,icaljs,khal")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    for peer in ("icalevents", "ical", "ical.js", "khal"):
        assert f"\n{peer} takes no part: " in "\n" + ran.stderr
    assert "khal" not in ran.stdout
