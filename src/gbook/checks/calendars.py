"""What is wrong in one calendar: what cannot be read, events that contradict another, leave that is free."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import NamedTuple

from gbook.calendars.busy.cached import Diagnostic, ReadOptions
from gbook.calendars.busy.events import Event, blocks, is_cancelled, read_own_booking
from gbook.calendars.busy.reader import File
from gbook.calendars.busy.recurrence import Occurrence
from gbook.calendars.stores.vdir import list_items, read_settled
from gbook.checks.report import Finding, error, warning
from gbook.errors import GbookError, InvalidFile
from gbook.timeutil.instants import DAY
from gbook.workspace.workspace import Account

__all__ = ["AHEAD", "Calendar", "Contents", "Held", "check_contents", "read_contents", "subject"]

# Every event that a file can hold lies between these instants.
EVER = (-60_000_000_000, 250_000_000_000)
# Instances of series are looked at for so long from now on.
AHEAD = 30 * DAY
LEAVE_AHEAD = 366 * DAY
# What people call the days on which they are away, in the languages most calendars are kept in.
_AWAY = re.compile(
    r"\b(?:(?:annual |parental |sick )?leave|on leave|vacations?|holidays?|pto|ooo|out of (?:the )?office"
    r"|(?:day|days|time) off|urlaub|abwesend|krank|elternzeit|betriebsferien|ferien|cong[ée]s?|vacances"
    r"|absent|vacaciones|ausente|f[ée]rias|ferie|vakantie|verlof|afwezig|semester|loma|urlop|отпуск)\b"
    r"|休暇|休假|年休|有給|휴가",
    re.IGNORECASE,
)
_REMEDIES = {
    "unreadable_calendar": "bring it back, or correct gbook.yaml; until then its account is never free",
    "malformed_event": "correct it in the program that wrote it",
    "no_calendar_data": "compare the file with a copy of it",
    "unknown_zone": "choose a zone that is known in the program that wrote it",
    "dense_rule": "make the rule coarser, or delete the event",
}


class Calendar(NamedTuple):
    """A calendar as one account sees it; `shown` is its path as the user named it."""

    account: Account
    path: Path
    shown: str
    view: ReadOptions


class Held(NamedTuple):
    """Busy time of an account: an instance of an event, and where that stands."""

    start: int
    end: int
    event: Event
    path: str


@dataclass
class Contents:
    """What is in a calendar: its files as a whole, busy time from now on, what could not be read."""

    calendar: Calendar
    files: list[tuple[str, File]] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def events(self) -> Iterator[tuple[str, Event]]:
        """Every VEVENT that can be read, with its file."""
        for path, file in self.files:
            masters = [series.master for series in file.series]
            yield from ((path, event) for event in (*file.singles, *masters))


def read_contents(calendar: Calendar, now: int) -> Contents:
    """Read all of a calendar, as far as that is possible."""
    contents = Contents(calendar)
    try:
        items = list_items(calendar.path)
    except GbookError as fault:
        contents.findings.append(_noted(Diagnostic("unreadable_calendar", fault.message), calendar.shown))
        return contents
    if not items and (folder := _filled_folder(calendar.path)):
        message = (
            f"holds no events, but its folder {folder} does; name {calendar.shown}/{folder} in gbook.yaml"
        )
        contents.findings.append(warning("empty_folder", message, calendar.shown))
    for item in items:
        shown = f"{calendar.shown}/{item.name}" if item.name else calendar.shown
        try:
            whole, soon = read_settled(item.path, partial(_read, calendar.view, now))
        except InvalidFile as invalid:
            problem = invalid.problems[0]
            note = Diagnostic("unreadable_calendar", problem.message, problem.line)
            contents.findings.append(_noted(note, shown))
        except GbookError as fault:
            contents.findings.append(_noted(Diagnostic("unreadable_calendar", fault.message), shown))
        else:
            contents.files.append((shown, whole))
            contents.held += _held(whole, soon, shown, now)
            contents.findings += _of_notes(whole, soon, shown)
    return contents


def check_contents(contents: Contents, now: int) -> Iterator[Finding]:
    """Everything that is wrong in a calendar by itself."""
    yield from contents.findings
    yield from _orphans(contents)
    yield from _twice(contents)
    yield from _free_leave(contents, now)
    yield from _expired(contents, now)


def subject(event: Event) -> str:
    """What an event is called, in short; a private one is only called that."""
    if event.is_private:
        return "a private event"
    text = " ".join(event.text("SUMMARY").split()) or "(no subject)"
    return repr(text if len(text) <= 50 else f"{text[:50]}…")


def _filled_folder(path: Path) -> str | None:
    """A folder in a vdir that is one itself: what vdirsyncer calls a collection."""
    return min((item.parent.name for item in path.glob("*/*.ics")), default=None)


def _read(view: ReadOptions, now: int, data: bytes) -> tuple[File, File]:
    """A file with all its events, and with those that matter soon."""
    return File(data, view, *EVER), File(data, view, now, now + AHEAD)


def _held(whole: File, soon: File, shown: str, now: int) -> Iterator[Held]:
    """Busy time in the days ahead, and what gbook has booked after them."""
    view = whole.view
    found = [one for series in soon.series for one in soon.instances(series)]
    dense = {note.line for note in soon.notes if note.code == "dense_rule"}
    found = [one for one in found if one.event.line not in dense]
    found += [one for event in soon.singles for one in soon.single(event)]
    found += [
        Occurrence(event.start.instant, event.extent.end(event.start), event)
        for event in whole.singles
        if event.is_ours and event.extent and event.start.instant >= now + AHEAD
    ]
    for start, end, event in found:
        if end > start and read_own_booking(event, view.policy, view.email).blocks_at(now):
            yield Held(start, end, event, shown)


def _noted(note: Diagnostic, path: str, *, hides: bool = True) -> Finding:
    """What was noticed while reading; an error where it may hide time that is not free."""
    message = f"{note.message}; {_REMEDIES[note.code]}" if note.code in _REMEDIES else note.message
    return (error if hides else warning)(note.code, message, path, note.line)


def _of_notes(whole: File, soon: File, path: str) -> Iterator[Finding]:
    masters = [series.master for series in whole.series]
    read = {event.line for event in (*whole.singles, *masters) if event.has_day}
    for note in dict.fromkeys([*whole.notes, *soon.notes]):
        # A rule too dense to walk blocks more than it should; an event with a fault keeps its time.
        yield _noted(note, path, hides=note.code != "dense_rule" and note.line not in read)


def _orphans(contents: Contents) -> Iterator[Finding]:
    """Overrides whose series is not in the calendar."""
    masters = {event.uid for _, event in contents.events if event.recurrence_id is None}
    for path, event in contents.events:
        if event.recurrence_id is not None and event.uid not in masters:
            message = (
                f"{subject(event)} changes one date of a series that is not here; it blocks that date only: "
                "delete it, or bring the series back"
            )
            yield warning("orphan_override", message, path, event.line)


def _twice(contents: Contents) -> Iterator[Finding]:
    """Events that have the UID of another one of the calendar."""
    first: dict[str, tuple[str, Event]] = {}
    for path, event in sorted(contents.events, key=lambda found: (found[0], found[1].line)):
        if not event.uid or event.recurrence_id is not None:
            continue
        other_path, other = first.setdefault(event.uid, (path, event))
        if other is not event:
            message = (
                f"{subject(event)} has the UID of the event in {other_path}:{other.line}; both block, other "
                "programs show only one: delete one of them"
            )
            yield warning("duplicate_uid", message, path, event.line)


def _free_leave(contents: Contents, now: int) -> Iterator[Finding]:
    """Days on which the account seems to be away, yet is free; each subject once."""
    view, told = contents.calendar.view, set()
    if view.policy.blocking != "transp" or view.policy.all_day == "free":
        return
    for path, event in contents.events:
        name = subject(event)
        if (path, name) in told or is_cancelled(event) or not _is_away(event):
            continue
        if not blocks(event, view.policy, "") and _is_ahead(event, now):
            told.add((path, name))
            message = (
                f"{name} looks like leave, but is marked free and does not block; mark it busy, or set "
                "`blocking: always` for the calendar"
            )
            yield warning("leave_marked_free", message, path, event.line)


def _is_away(event: Event) -> bool:
    return event.start.is_date and bool(_AWAY.search(event.text("SUMMARY")))


def _is_ahead(event: Event, now: int) -> bool:
    """Whether an event, or some instance of it, may lie in the year ahead."""
    end = event.extent.end(event.start) if event.extent else event.start.instant
    return event.start.instant < now + LEAVE_AHEAD and (end > now or event.is_series)


def _expired(contents: Contents, now: int) -> Iterator[Finding]:
    """Reservations that ended days ago; whoever books in the calendar next takes them out."""
    view = contents.calendar.view
    for path, event in contents.events:
        if not event.is_ours or event.value("STATUS") != "TENTATIVE":
            continue
        expires = read_own_booking(event, view.policy, view.email).expires
        if expires is not None and expires < now - DAY:
            message = (
                f"the reservation {subject(event)} has expired; the next booking in this calendar removes "
                f"it, or `gbook reservation drop {event.uid}`"
            )
            yield warning("expired_reservation", message, path, event.line)
