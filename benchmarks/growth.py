"""Growth of the time with the accounts, the events in a file and the horizon, and in the engine alone."""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

from contenders import HERE, Ground, add_event, typer_contender
from measure import Contender, Run, in_turns, run, table

__all__ = ["GROWTH", "Growth", "make_data"]

# Half a year around now and 200 events, instead of five years and 2,000, but equally many running series: the
# same busy time to store and to check, in a tenth of the bytes.
DENSE = ("--events", "200", "--years", "0.5", "--series-share", "0.12")


def make_data(folder: Path, *options: str, script: str = "generate.py") -> Path:
    """Generate a workspace in another process: the peak memory of a child includes that of its parent.

    The times of the files are set back, because gbook does not trust files that changed in the last two
    seconds.
    """
    run([sys.executable, str(HERE / script), str(folder), *options], HERE)
    past = time.time() - 7200
    for path in folder.rglob("*"):
        os.utime(path, (past, past))
    return folder


class Growth:
    """The tables of growth; each public method measures and returns one table."""

    def __init__(self, ground: Ground, rounds: int, *, quick: bool) -> None:
        self.ground, self.rounds, self.quick = ground, rounds, quick
        self.figures: dict[str, float] = {}
        # Promises whose limit depends on the run: name, measured, at most.
        self.promises: list[tuple[str, float, float]] = []

    def accounts(self) -> str:
        """Measure 10 to 1,000 accounts, warm."""
        sizes = (10, 20, 50) if self.quick else (10, 20, 100, 1000)
        everybody = make_data(self.ground.scratch / "everybody", "--accounts", str(sizes[-1]), *DENSE)
        rows = []
        for size in sizes:
            options = ("--accounts", str(size), "--reuse", str(everybody))
            rows.append(
                self._first(replace(self.ground, data=self._data(f"accounts-{size}", *options)), size)
            )
        typer = typer_contender(self.ground)
        in_turns([typer, *(warm for _, warm in rows)], self.rounds)
        base = rows[1][1].seconds
        self.figures["accounts cold"] = rows[-1][0].seconds / typer.seconds
        self.figures["accounts"] = rows[-1][1].seconds / base
        cells = [[warm.name, *_times(cold, warm), f"{warm.seconds / base:.2f}"] for cold, warm in rows]
        return table(["accounts", "cold", "warm", "warm ÷ warm of 20"], cells)

    def events(self) -> str:
        """Measure 500 to 20,000 events in one file."""
        sizes = (100, 500) if self.quick else (500, 2000, 5000, 20_000)
        rows, changed = [], []
        for size in sizes:
            data = self._data(f"events-{size}", "--accounts", "1", "--events", str(size))
            ground = replace(self.ground, data=data)
            rows.append(self._first(ground, size))
            calendar = next((data / "calendars").iterdir())
            touch = partial(add_event, calendar, self.ground.now, 1)
            changed.append(Contender(f"{size} changed", partial(ground.query, str(size)), touch, turns=1))
        in_turns([warm for _, warm in rows], self.rounds)
        in_turns(changed, 1)
        cells = [
            [
                warm.name,
                *_times(cold, warm),
                f"{new.seconds:.3f} s",
                f"{cold.seconds / int(warm.name) * 1e6:.0f} µs",
            ]
            for (cold, warm), new in zip(rows, changed, strict=True)
        ]
        return table(["events in the file", "cold", "warm", "after a change", "cold ÷ events"], cells)

    def horizon(self) -> str:
        """Measure 7 to 365 days ahead, on the calendars of the race."""
        rows = [self._first(replace(self.ground, days=days), days) for days in (7, 30, 90, 365)]
        in_turns([warm for _, warm in rows], self.rounds)
        return table(["days", "cold", "warm"], [[warm.name, *_times(cold, warm)] for cold, warm in rows])

    def bookings(self) -> str:
        """Measure lists of 5,000 bookings with three copies each, and one of them."""
        size = "200" if self.quick else "5000"
        data = make_data(self.ground.scratch / "bookings", "--bookings", size, script="bookings.py")
        ground = replace(self.ground, data=data)
        ground.forget("bookings")
        command = ("booking", "list", "--json")
        cold = ground.gbook("bookings", *command)
        first = json.loads(cold.output)["records"][0]["id"]
        commands = {
            "list": command,
            "list as a table": command[:2],
            "show": ("booking", "show", first, "--json"),
            "show as text": ("booking", "show", first),
        }
        rows = {
            name: Contender(name, partial(ground.gbook, "bookings", *words))
            for name, words in commands.items()
        }
        rows["completion"] = Contender(
            "completion of an id", partial(ground.complete, "bookings", "booking", "show", "")
        )
        typer = typer_contender(self.ground)
        in_turns([typer, *rows.values()], self.rounds)
        if len(rows["completion"].runs[-1].output.splitlines()) < int(size):
            sys.exit("gbook booking show: the completion of an id does not offer all bookings")
        if rows["list"].runs[-1].output != cold.output:
            sys.exit("gbook booking list: the warm answer differs from the cold one")
        self.figures |= {
            name: row.seconds / typer.seconds for name, row in rows.items() if name != "show as text"
        }
        cells = [["list, cold", f"{cold.seconds:.3f} s", f"{cold.cpu:.3f} s"]]
        cells += [[row.name, f"{row.seconds:.3f} s", f"{row.cpu:.3f} s"] for row in (*rows.values(), typer)]
        return table([f"{size} bookings, 3 copies each", "time", "CPU"], cells)

    def views(self) -> str:
        """Measure the thousands of slots of a year as a table of days, as a list and as JSON, and `check`."""
        ground = replace(self.ground, days=365)
        views = {
            "a year as JSON": ground.question,
            "a year as days": ground.question[:-1],
            "a year as a list": [*ground.question[:-1], "--view", "list"],
        }
        ground.forget("views")
        ground.query("views")
        rows = [
            Contender(name, partial(ground.gbook, "views", *words))
            for name, words in {**views, "check": ["check"]}.items()
        ]
        typer = typer_contender(self.ground)
        in_turns([typer, *rows], self.rounds)
        as_json, as_days, as_list, check = rows
        self.figures["days"] = as_days.seconds / as_json.seconds
        self.figures["list of slots"] = as_list.seconds / as_json.seconds
        self.figures["check"] = check.seconds / typer.seconds
        cells = [[row.name, f"{row.seconds:.3f} s", f"{row.cpu:.3f} s"] for row in (*rows, typer)]
        return table(["20 accounts", "time", "CPU"], cells)

    def vdir(self) -> str:
        """Measure a folder with 20,000 items."""
        size = "200" if self.quick else "20000"
        ground = replace(
            self.ground,
            data=self._data("vdir", "--accounts", "1", "--events", size, "--vdir-share", "1"),
        )
        cold = Contender(
            "cold", partial(ground.query, "vdir-cold"), partial(ground.forget, "vdir-cold"), turns=3
        )
        _, warm = self._first(ground, int(size))
        warm.name = "warm"
        typer = typer_contender(self.ground)
        in_turns([typer, warm, cold], self.rounds)
        self.figures |= {f"vdir {row.name}": row.seconds / typer.seconds for row in (warm, cold)}
        cells = [[row.name, f"{row.seconds:.3f} s", f"{row.cpu:.3f} s"] for row in (cold, warm, typer)]
        return table([f"a folder of {size} items", "time", "CPU"], cells)

    def servers(self) -> str:
        """Measure 20 calendars on real CalDAV servers beside the same ones as vdirs."""
        from servers import measure_servers

        accounts, events = ("3", "20") if self.quick else ("20", "50")
        options = ("--accounts", accounts, "--events", events, "--years", "0.5", "--vdir-share", "1")
        ground = replace(self.ground, data=self._data("servers", *options))
        text, promises = measure_servers(ground, self.rounds)
        self.promises += promises
        return text

    def service(self) -> str:
        """Measure free times over HTTP, of the sample and of the calendars of the race."""
        from service import measure_service

        text, promises = measure_service(self.ground, quick=self.quick)
        self.promises += promises
        return text

    def engine(self) -> str:
        """Measure the engine with 10,000 accounts and no file."""
        accounts = "500" if self.quick else "10000"
        result = json.loads(run([sys.executable, str(HERE / "engine.py"), accounts], HERE).output)
        self.figures["engine"] = max(result["seconds"].values())
        head = f"{result['accounts']} accounts, {result['candidates']} candidate slots, required"
        return table(
            [head, "time"], [[asked, f"{seconds:.3f} s"] for asked, seconds in result["seconds"].items()]
        )

    def _data(self, name: str, *options: str) -> Path:
        return make_data(self.ground.scratch / name, *options)

    @staticmethod
    def _first(ground: Ground, size: int) -> tuple[Run, Contender]:
        """Return one cold run, which fills its own index, and the contender that repeats the query."""
        ground.forget(str(size))
        return ground.query(str(size)), Contender(str(size), partial(ground.query, str(size)))


def _times(cold: Run, warm: Contender) -> list[str]:
    return [f"{cold.seconds:.3f} s", f"{warm.seconds:.3f} s"]


GROWTH = ("accounts", "events", "horizon", "bookings", "views", "vdir", "servers", "service", "engine")
