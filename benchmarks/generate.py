"""Generate a workspace of realistic calendars: python benchmarks/generate.py DIR --accounts 20 --events 2000.

The same options give the same bytes. Twenty accounts of two thousand events over five years come to 23 MB
and nearly three thousand occurrences in the thirty days after `now`. Beside gbook.yaml stands accounts.tsv
(id, zone, e-mail address, path from there), which is all that the peers need to know.
"""

from __future__ import annotations

import argparse
import os
import random
from datetime import datetime
from pathlib import Path

import wording
from events import Diary, Person, Plan
from icaltext import ZONES, calendar_head, vtimezone

__all__ = ["NOW", "Recipe", "generate", "write_workspace"]

NOW = "2026-11-22T12:00:00Z"
_END = "END:VCALENDAR\n"


class Recipe(argparse.Namespace):
    """The options of this script."""

    accounts: int = 20
    events: int = 2000
    years: float = 5.0
    seed: int = 1
    series_share: float = 0.06
    override_share: float = 0.02
    live_series: int = 18
    vdir_share: float = 0.0
    now: str = NOW
    reuse: str = ""

    @property
    def plan(self) -> Plan:
        """Return the plan for the events of each account."""
        now = datetime.fromisoformat(self.now).replace(tzinfo=None)
        return Plan(self.events, self.years, now, self.series_share, self.override_share, self.live_series)


def generate(folder: Path, recipe: Recipe) -> None:
    """Write the calendars of a recipe, and the workspace around them.

    With `reuse`, use the calendars of an earlier run with at least as many accounts.
    """
    people = []
    for number in range(recipe.accounts):
        person = Person(f"a{number:05d}", *wording.person(number), list(ZONES)[number % len(ZONES)])
        vdir = number < round(recipe.vdir_share * recipe.accounts)
        path = Path(recipe.reuse or folder) / "calendars" / (person.id if vdir else f"{person.id}.ics")
        if not recipe.reuse:
            _write_calendar(path, person, recipe, vdir=vdir)
        people.append((person, path))
    write_workspace(folder, people)


def _write_calendar(path: Path, person: Person, recipe: Recipe, *, vdir: bool) -> None:
    number = int(person.id[1:])
    path.parent.mkdir(parents=True, exist_ok=True)
    items = Diary(person, recipe.plan, random.Random(f"{recipe.seed} {number}")).items()
    newline = "\n" if number % 3 == 1 else "\r\n"
    head = calendar_head(f"{person.name}'s calendar", person.zone, google=number % 3 == 0)
    (_write_vdir if vdir else _write_file)(path, head, items, newline)


def _write_file(path: Path, head: list[str], items: list[list[str]], newline: str) -> None:
    zones = [line for zone in ZONES for line in vtimezone(zone)]
    events = [text for item in items for text in item]
    random.Random(path.name).shuffle(events)
    text = "".join(["\n".join([*head, *zones]), "\n", *events, _END])
    path.write_text(text, encoding="utf-8", newline=newline)


def _write_vdir(folder: Path, head: list[str], items: list[list[str]], newline: str) -> None:
    folder.mkdir(exist_ok=True)
    for item in items:
        body = "".join(item)
        zones = [line for zone in ZONES if f"TZID={zone}:" in body for line in vtimezone(zone)]
        name = body.partition("\nUID:")[2].partition("@")[0]
        text = "\n".join([*head, *zones, body + _END])
        (folder / f"{name}.ics").write_text(text, encoding="utf-8", newline=newline)


def write_workspace(folder: Path, people: list[tuple[Person, Path]]) -> None:
    """Write gbook.yaml, accounts.tsv and two profiles for existing calendars.

    The profile bench looks thirty days ahead, the profile year one year.
    """
    accounts, table = ["defaultProfile: bench", "accounts:"], []
    for person, path in people:
        relative = os.path.relpath(path, folder)
        accounts += [f"  - id: {person.id}", f"    name: {person.name}", f"    email: {person.email}"]
        accounts += [f"    timezone: {person.zone}", "    calendars:", f"      - {relative}"]
        table.append(f"{person.id}\t{person.zone}\t{person.email}\t{relative}")
    (folder / "profiles").mkdir(parents=True, exist_ok=True)
    _write(folder / "gbook.yaml", accounts)
    for number, (name, period) in enumerate((("bench", "P30D"), ("year", "P366D")), start=1):
        head = [f"id: {number}", f"name: {name}", f"timeAvailableFor: {period}"]
        _write(folder / "profiles" / f"{name}.yaml", head + _profile([person.id for person, _ in people]))
    _write(folder / "accounts.tsv", table)


def _profile(ids: list[str]) -> list[str]:
    days = ("monday", "tuesday", "wednesday", "thursday", "friday")
    hours = '[{start: "09:00", end: "17:00"}]'
    lines = ["durationMinutes: 30", "availabilityStep: 15"]
    lines += ["subject: Benchmark", "workHours:", "  timezone: Europe/Berlin", "  daySchedules:"]
    lines += [f"    - {{dayOfWeek: {day}, workingIntervals: {hours}}}" for day in days]
    return [*lines, f"accounts: [{', '.join(ids)}]"]


def _write(path: Path, lines: list[str]) -> None:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def main() -> None:
    """Read the options and write the workspace."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition(":")[0])
    parser.add_argument("folder", type=Path)
    for name in Recipe.__annotations__:
        default = getattr(Recipe, name)
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(default), default=default)
    options = parser.parse_args(namespace=Recipe())
    generate(options.folder, options)


if __name__ == "__main__":
    main()
