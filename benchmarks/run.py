"""Measure gbook beside other programs: python benchmarks/run.py [--only cold,warm,libical] [--quick].

Whole processes run in turns; the tables show medians, peak memory and the promised ratios. The busy time of
every program is compared with gbook's to the second; a difference means exit code 1. The output is Markdown;
progress goes to stderr.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from compare import Answer, differences, gbook_answer, peer_answer
from contenders import Ground, gbook_contenders
from growth import GROWTH, Growth, make_data
from measure import Contender, in_turns, run, table, tree_peak
from programs import PROGRAMS, Peers, install, program_contenders

__all__ = ["main"]

QUICK = {"accounts": 4, "events": 200, "rounds": 1}
Race = Mapping[str, Contender]


def options() -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition(":")[0])
    parser.add_argument(
        "--only", default="", help="contenders and growth tables, separated by commas: " + ",".join(GROWTH)
    )
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--slow-rounds", type=int, default=1, help="rounds of the slow programs")
    parser.add_argument("--accounts", type=int, default=20)
    parser.add_argument("--events", type=int, default=2000, help="events of each account, over five years")
    parser.add_argument(
        "--vdir-share", type=float, default=0.0, help="share of accounts whose calendar is a vdir"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--scratch", type=Path, help="keep what is written here (default: a temporary folder)"
    )
    parser.add_argument(
        "--peers", type=Path, help="install the peers with packages of their own in this folder, and run them"
    )
    parser.add_argument("--quick", action="store_true", help="smoke test with small sizes")
    chosen = parser.parse_args()
    if chosen.quick:
        vars(chosen).update(QUICK)
    return chosen


def main() -> None:
    """Generate the calendars, run the race, compare the answers and print the tables."""
    chosen = options()
    with tempfile.TemporaryDirectory(prefix="gbook-benchmark-") as temporary:
        scratch = (chosen.scratch or Path(temporary)).resolve()
        scratch.mkdir(parents=True, exist_ok=True)
        names = ("accounts", "events", "seed", "vdir_share")
        words = [word for name in names for word in (f"--{name.replace('_', '-')}", str(vars(chosen)[name]))]
        ground = Ground(make_data(scratch / "data", *words), scratch, tuple(words))
        wrong = benchmark(ground, chosen)
    if wrong:
        counts = Counter(line.partition(":")[0] for line in wrong)
        print(
            "\nDifferent busy time:",
            *(f"{name}: {count} intervals" for name, count in counts.items()),
            sep="\n",
        )
        print(*wrong[:20], sep="\n")
    sys.exit(1 if wrong else 0)


def benchmark(ground: Ground, chosen: argparse.Namespace) -> list[str]:
    """Run the chosen parts, print their tables, and return the differences between the answers."""
    chosen_parts = set(filter(None, chosen.only.split(",")))
    if chosen.peers:
        install(chosen.peers)
    peers = Peers(ground, chosen.peers, chosen.slow_rounds)
    contenders = gbook_contenders(ground) | program_contenders(peers)
    if unknown := chosen_parts - contenders.keys() - {*GROWTH, *PROGRAMS}:
        sys.exit(f"--only: unknown part {', '.join(sorted(unknown))}")
    race = {
        name: contender for name, contender in contenders.items() if not chosen_parts or name in chosen_parts
    }
    print(_title(ground, race), flush=True)
    in_turns(list(race.values()), chosen.rounds)
    wrong = disagreements(ground, race)
    growth = Growth(ground, chosen.rounds, quick=chosen.quick)
    if race:
        print(_race_table(race))
    for name in GROWTH:
        if not chosen_parts or name in chosen_parts:
            print(f"\n{getattr(growth, name)()}", flush=True)
    figures = promises(ground, race) + _growth_promises(growth.figures)
    figures += [_promise(*each) for each in growth.promises]
    if figures:
        print("\n" + table(["promise", "measured", "at most", ""], figures))
    return wrong


def disagreements(ground: Ground, race: Race) -> list[str]:
    """Return the differences of all answers from gbook's, or from the first peer's if gbook takes no part."""
    answers: dict[str, Answer] = {}
    if {"warm", "cold"} & race.keys():
        ground.forget("cold")
        answers = {"gbook cold": gbook_answer(ground.busy("cold").output)}
        answers["gbook warm"] = gbook_answer(ground.busy("cold").output)
    programs = [contender for contender in race.values() if contender.program]
    answers |= {program.name: peer_answer(program.runs[-1].output) for program in programs}
    if not answers:
        return []
    reference = next(iter(answers.values()))
    if not any(reference.values()):
        return ["no account is busy at all: nothing was compared"]
    wrong = [line for name, answer in answers.items() for line in differences(name, answer, reference)]
    if {"changed", "libical"} <= race.keys():
        wrong += stale(ground)
    return wrong


def stale(ground: Ground) -> list[str]:
    """Return the differences between gbook's cached answer and libical's on the changed calendars."""
    remembered = gbook_answer(ground.busy("changed", ground.changed).output)
    command = [str(ground.libical), "accounts.tsv", *map(str, ground.window)]
    return differences("libical, changed", peer_answer(run(command, ground.changed).output), remembered)


def promises(ground: Ground, race: Race) -> list[list[str]]:
    """Return table rows of the promised ratios, for the contenders that took part in this run."""
    rows = []
    seconds = {name: contender.seconds for name, contender in race.items()}
    if {"cold", "libical"} <= seconds.keys():
        cpu = race["cold"].cpu / race["libical"].cpu
        rows.append(_promise("cold ÷ libical", seconds["cold"] / seconds["libical"], 0.4))
        rows.append(_promise("cold ÷ libical, CPU", cpu, 0.6))
    if {"cold", "jump"} <= seconds.keys():
        rows.append(
            ["cold ÷ libical entered near the window", f"{seconds['cold'] / seconds['jump']:.2f}", "", ""]
        )
    if {"cold", "loop"} <= seconds.keys():
        rows.append(["loop ÷ cold", f"{seconds['loop'] / seconds['cold']:.0f}", "", ""])
    if {"warm", "typer"} <= seconds.keys():
        rows.append(_promise("warm ÷ import typer", seconds["warm"] / seconds["typer"], 1.25))
    if {"warm", "changed"} <= seconds.keys():
        rows.append(_promise("one file changed ÷ warm", seconds["changed"] / seconds["warm"], 1.2))
    if {"warm", "book", "fsync"} <= seconds.keys():
        rows.append(_promise("book, s", seconds["book"], 2 * seconds["warm"] + seconds["fsync"]))
    if {"book", "cancel"} <= seconds.keys():
        rows.append(_promise("cancel ÷ book", seconds["cancel"] / seconds["book"], 1.5))
    if "cold" in race:
        rows.append(_promise("peak memory cold, MB", _cold_memory(ground, race["cold"]), 150))
    return rows


def _growth_promises(figures: Mapping[str, float]) -> list[list[str]]:
    known = {
        "accounts": ("1,000 accounts warm ÷ 20 warm", 5.0),
        "engine": ("engine alone, s", 0.5),
        # 2.5, 0.3, 0.6, 1.2, 1.2, 0.15 and 0.2 s on a machine that imports typer in 45 ms.
        "accounts cold": ("1,000 accounts cold ÷ import typer", 55.0),
        "list": ("list of 5,000 bookings ÷ import typer", 6.7),
        "list as a table": ("list of 5,000 bookings as a table ÷ import typer", 13.3),
        "check": ("check ÷ import typer", 26.7),
        "vdir cold": ("folder of 20,000 items, cold ÷ import typer", 26.7),
        "vdir warm": ("folder of 20,000 items, warm ÷ import typer", 3.3),
        "days": ("a year as days ÷ as JSON", 1.5),
        "list of slots": ("a year as a list ÷ as JSON", 1.5),
        "show": ("one of 5,000 bookings ÷ import typer", 4.4),
        "completion": ("completion of an id among 5,000 bookings ÷ import typer", 6.7),
    }
    return [_promise(known[name][0], figure, known[name][1]) for name, figure in figures.items()]


def _promise(name: str, measured: float, limit: float) -> list[str]:
    return [name, f"{measured:.3g}", f"{limit:.3g}", "kept" if measured <= limit else "MISSED"]


def _cold_memory(ground: Ground, cold: Contender) -> float:
    """Return the memory in MB of all processes of a cold run; without /proc, of the largest one."""
    ground.forget("cold")
    command = ground.command(*ground.question)
    return tree_peak(command, ground.data, ground.env("cold")) or cold.peak


def _race_table(race: Race) -> str:
    base = race["typer"].seconds if "typer" in race else None
    rows = []
    for contender in race.values():
        times = [turn.seconds for turn in contender.runs]
        spread = f"{min(times):.3f} to {max(times):.3f}"
        ratio = f"{contender.seconds / base:.2f}" if base else ""
        cells = f"{contender.cpu:.3f} s", f"{contender.peak:.0f} MB"
        rows.append([contender.name, f"{contender.seconds:.3f} s", spread, ratio, *cells])
    return table(["whole process", "median", "turns", "÷ import typer", "CPU", "largest process"], rows)


def _title(ground: Ground, race: Race) -> str:
    sizes = [path.stat().st_size for path in ground.data.rglob("*.ics")]
    machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors"
    calendars = f"{sum(sizes) / 1e6:.1f} MB in {len(sizes)} files"
    versions = [f"Python {platform.python_version()}", *(contender.program for contender in race.values())]
    return f"{date.today()}: {calendars}; {machine}, {', '.join(dict.fromkeys(filter(None, versions)))}\n"


if __name__ == "__main__":
    main()
