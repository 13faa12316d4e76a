"""The other programs: how each is installed or built, its version, and its contenders on the same calendars.

A program that cannot be started takes no part, and a line on stderr gives the reason.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path

from contenders import HERE, Ground, once, typer_contender
from growth import make_data
from measure import Contender, run

__all__ = ["PROGRAMS", "Peers", "install", "program_contenders"]

PROGRAMS = ("libical", "jump", "icalevents", "ical", "icaljs", "khal", "khal-warm", "vdirs", "vdirs-warm")
PEERS = HERE / "peers"
ABSENT = OSError, subprocess.CalledProcessError
Contenders = dict[str, Contender]


@dataclass(frozen=True)
class Peers:
    """The race that the programs run in, and the folder of those that have packages of their own."""

    ground: Ground
    folder: Path | None
    slow_turns: int

    @property
    def home(self) -> Path:
        """The folder as an absolute path. Raise FileNotFoundError without one."""
        if self.folder is None:
            raise FileNotFoundError("it needs a folder for its packages, see --peers")
        return self.folder.resolve()

    def command(self, *words: str | Path) -> list[str | Path]:
        """Return the command line of a program, with the arguments that all of them read."""
        return [*words, "accounts.tsv", *map(str, self.ground.window)]

    def slow(self, name: str, program: str, *words: str | Path) -> Contender:
        """Return the contender of a program that takes many seconds for its answer."""
        action = partial(run, self.command(*words), self.ground.data)
        return Contender(name, action, turns=self.slow_turns, program=program)

    def python(self, library: str) -> tuple[Path, str]:
        """Return the folder's Python, and the library and its version. Raise an error if it is not there."""
        python = self.home / "bin" / "python"
        code = f"import {library}, importlib.metadata as m; print(m.version('{library}'))"
        return python, f"{library} {_output(python, '-c', code)}"


def install(folder: Path) -> None:
    """Make the virtual environment and node_modules of the peers, or bring them to the versions of peers/."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(PEERS / "package.json", folder)
    python, constraints = folder / "bin" / "python", HERE.parent / "constraints.txt"
    packages = "install", "-q", "-c", constraints, "-r", PEERS / "requirements.txt"
    try:
        _visible(sys.executable, "-m", "venv", folder)
        _visible(python, "-m", "pip", *packages)
        _visible("npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", folder)
    except ABSENT as error:
        print(f"not installed: {error}", file=sys.stderr)


def program_contenders(peers: Peers) -> Contenders:
    """Return `import typer` and the programs that can be started."""
    typer = typer_contender(peers.ground, '`python -c "import typer"`')
    contenders = {"typer": typer, "loop": _loop(peers)}
    makers = {
        "libical": _libical,
        "icalevents": _icalevents,
        "ical": _ical,
        "ical.js": _icaljs,
        "khal": _khal,
    }
    for name, maker in makers.items():
        try:
            contenders |= maker(peers)
        except ABSENT as error:
            print(f"{name} takes no part: {error}", file=sys.stderr)
    return contenders


def _loop(peers: Peers) -> Contender:
    names = "icalendar", "recurring-ical-events"
    program = " + ".join(f"{name} {version(name)}" for name in names)
    return peers.slow(" + ".join(names), program, sys.executable, PEERS / "icalendar_loop.py")


def _libical(peers: Peers) -> Contenders:
    binary, flags = peers.ground.libical, _output("pkg-config", "--cflags", "--libs", "libical").split()
    _output(os.environ.get("CC", "cc"), "-O2", PEERS / "libical.c", "-o", binary, *flags)
    program = f"libical {_output('pkg-config', '--modversion', 'libical')}"
    action = partial(run, peers.command(binary), peers.ground.data)
    jump = partial(run, [*peers.command(binary), "jump"], peers.ground.data)
    return {
        "libical": Contender("libical in C", action, program=program),
        "jump": Contender("libical in C, series entered near the window", jump, program=program),
    }


def _icalevents(peers: Peers) -> Contenders:
    python, program = peers.python("icalevents")
    return {"icalevents": peers.slow("icalevents", program, python, PEERS / "icalevents_query.py")}


def _ical(peers: Peers) -> Contenders:
    python, program = peers.python("ical")
    return {"ical": peers.slow("ical", program, python, PEERS / "ical_timeline.py")}


def _icaljs(peers: Peers) -> Contenders:
    library = peers.home / "node_modules" / "ical.js"
    release = json.loads((library / "package.json").read_text(encoding="utf-8"))["version"]
    program = f"ical.js {release} in Node {_output('node', '--version')}"
    script = PEERS / "icaljs.mjs"
    return {"icaljs": peers.slow("ical.js", program, "node", script, library / "dist" / "ical.js")}


def _khal(peers: Peers) -> Contenders:
    """Return khal and gbook with the same events in vdirs, the only calendars that khal reads."""
    python, program = peers.python("khal")
    ground = replace(peers.ground, data=peers.ground.vdirs)
    command = [*peers.command(python, PEERS / "khal_collection.py"), ground.index("khal")]
    query, make = partial(run, command, ground.data), once(partial(_make_vdirs, ground))
    cold, warm = partial(ground.query, "vdirs-cold"), partial(ground.query, "vdirs-warm")
    no_database = _steps(make, partial(ground.forget, "khal"))
    filled = _steps(make, once(query))
    no_index = _steps(make, partial(ground.forget, "vdirs-cold"))
    return {
        "khal": Contender("khal cold (no database), vdirs", query, no_database, peers.slow_turns, program),
        "khal-warm": Contender("khal warm, vdirs", query, filled, peers.slow_turns, program),
        "vdirs": Contender("gbook cold (no index), the same vdirs", cold, no_index),
        "vdirs-warm": Contender("gbook warm, the same vdirs", warm, _steps(make, once(warm))),
    }


def _make_vdirs(ground: Ground) -> None:
    make_data(ground.vdirs, *ground.options, "--vdir-share", "1")


def _steps(*actions: Callable[[], object]) -> Callable[[], None]:
    def prepare() -> None:
        for action in actions:
            action()

    return prepare


def _visible(*command: str | Path) -> None:
    subprocess.run(command, check=True, stdout=sys.stderr)


def _output(*command: str | Path) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
