"""Choosing on a terminal: the profile, a day, a time, or several times."""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import gbook
from gbook.cli.questions import Offer, can_ask, choose, choose_several, say
from gbook.errors import UsageError
from gbook.render.commands import headline, slot_lines
from gbook.timeutil.format import count, day_name, time_range, zone_name, zoned_range
from gbook.timeutil.instants import local

if TYPE_CHECKING:
    from gbook.cli.session import Session
    from gbook.engine.quorum import Slot
    from gbook.profiles.model import Profile

__all__ = ["choose_profile", "choose_slot", "choose_slots", "slot_words", "without_slot"]

# Slots in the error of a command that has no --slot and cannot ask.
SHOWN = 5


def choose_profile(session: Session, name: str | None) -> Profile:
    """Return the profile of -p or the default one; ask if there are several. Raises as `session.profile`."""
    try:
        return session.profile(name)
    except UsageError as error:
        names = error.details.get("profiles")
        if not names or not can_ask():
            raise
    return session.profile(choose("Which profile?", [Offer(item, item) for item in names]))


def choose_slot(answer: gbook.Answer, zone: ZoneInfo) -> Slot:
    """Ask for a day of an answer that has slots, and for a time of that day. Raises Interrupted."""
    days = _introduced(answer, zone)
    while True:
        slots = days[_choose_day(days, zone, answer)] if len(days) > 1 else next(iter(days.values()))
        offers = [_offer(answer, slot, zone) for slot in slots]
        if len(days) > 1:
            offers.append(Offer("another day", None))
        chosen: Slot | None = choose(f"Which time on {_day_of(slots[0], zone, answer)}?", offers)
        if chosen is not None:
            return chosen


def choose_slots(answer: gbook.Answer, zone: ZoneInfo) -> list[Slot]:
    """Ask for days of an answer that has slots, and for times of these days. Raises Interrupted."""
    days = _introduced(answer, zone)
    chosen = list(days)
    if len(days) > 1:
        chosen = choose_several("Which days?", _day_offers(days, answer, zone))
    slots: list[Slot] = []
    for day in chosen:
        title = f"Which times on {day_name(day, _today(answer, zone))}?"
        slots += choose_several(title, [_offer(answer, slot, zone) for slot in days[day]])
    return slots


def without_slot(answer: gbook.Answer, zone: ZoneInfo, command: str = "") -> UsageError:
    """Return the error of a command that needs --slot and cannot ask, with the first slots.

    `command` takes the first of them.
    """
    lines = [f"--slot is missing; the first slots, times in {_zone(answer, zone)}:"]
    lines += slot_lines(answer.slots[:SHOWN], zone)
    lines += ["Take the first:", f"  {command}"] if command else []
    return UsageError("\n".join(lines))


def _introduced(answer: gbook.Answer, zone: ZoneInfo) -> dict[date, list[Slot]]:
    """Say what is chosen and in which zone, and return the slots of each day."""
    say(headline(answer, zone))
    say(f"Times in {_zone(answer, zone)}")
    return _days(answer, zone)


def slot_words(slot: Slot, zone: ZoneInfo) -> str:
    """Return the time of a slot: `Wed 9 Dec 2026 14:30–15:00 EST`."""
    return zoned_range(slot.start, slot.end, zone)


def _days(answer: gbook.Answer, zone: ZoneInfo) -> dict[date, list[Slot]]:
    """Return the slots of each day."""
    by_day = groupby(answer.slots, lambda slot: local(slot.start, zone).date())
    return {day: list(slots) for day, slots in by_day}


def _choose_day(days: dict[date, list[Slot]], zone: ZoneInfo, answer: gbook.Answer) -> date:
    chosen: date = choose("Which day?", _day_offers(days, answer, zone))
    return chosen


def _day_offers(days: dict[date, list[Slot]], answer: gbook.Answer, zone: ZoneInfo) -> list[Offer]:
    names = {day: day_name(day, _today(answer, zone)) for day in days}
    width = max(map(len, names.values()))
    return [Offer(f"{names[day]:{width}}  {count(len(slots), 'time')}", day) for day, slots in days.items()]


def _offer(answer: gbook.Answer, slot: Slot, zone: ZoneInfo) -> Offer:
    """Return a time, with the accounts that would be booked."""
    return Offer(
        f"{time_range(slot.start, slot.end, zone)}  {', '.join(gbook.assign(answer, slot).accounts)}", slot
    )


def _day_of(slot: Slot, zone: ZoneInfo, answer: gbook.Answer) -> str:
    return day_name(local(slot.start, zone).date(), _today(answer, zone))


def _zone(answer: gbook.Answer, zone: ZoneInfo) -> str:
    return zone_name(zone, (slot.start for slot in answer.slots))


def _today(answer: gbook.Answer, zone: ZoneInfo) -> date:
    return local(answer.query.now, zone).date()
