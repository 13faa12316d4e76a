"""Checks of one calendar: unreadable parts, contradicting events, leave that is marked free."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from gbook.calendars.busy.cached import Diagnostic, ReadOptions
from gbook.calendars.busy.events import Event, blocks, is_cancelled, read_own_booking
from gbook.calendars.busy.reader import File, read_file
from gbook.calendars.busy.recurrence import Occurrence
from gbook.calendars.ics.gbook_properties import HOLD
from gbook.calendars.stores.base import Item, Store, read_settled
from gbook.calendars.stores.file import LocalStore
from gbook.checks.report import Finding, error, warning
from gbook.errors import GbookError, InvalidFile, Problem, Unreachable, unread
from gbook.timeutil.instants import ALL_TIME, DAY
from gbook.workspace.config import Account

__all__ = ["AHEAD", "BusyEvent", "Calendar", "Contents", "check_contents", "read_contents", "subject"]

# Instances of a series are checked this far ahead (seconds).
AHEAD = 30 * DAY
LEAVE_AHEAD = 366 * DAY
# Words for leave, in the languages that most calendars use.
_LEAVE = re.compile(
    r"\b(?:(?:annual |parental |sick )?leave|on leave|vacations?|holidays?|pto|ooo|out of (?:the )?office"
    r"|(?:day|days|time) off|urlaub|abwesend|krank|elternzeit|betriebsferien|ferien|cong[ée]s?|vacances"
    r"|absent|vacaciones|ausente|f[ée]rias|ferie|vakantie|verlof|afwezig|semester|loma|urlop|отпуск)\b"
    r"|休暇|休假|年休|有給|휴가",
    re.IGNORECASE,
)
_REMEDIES = {
    "unreadable_calendar": (
        "restore the file or fix its path in gbook.yaml; until then the account counts as busy"
    ),
    "malformed_event": "fix it in the program that created it",
    "no_calendar_data": "restore the file from a backup if it should hold events",
    "unknown_zone": "choose a known time zone in the program that created the event",
    "dense_rule": "simplify the rule or delete the event",
}


class Calendar(NamedTuple):
    """A calendar of one account; `shown` is how gbook.yaml names it."""

    account: Account
    store: Store
    shown: str
    options: ReadOptions


class BusyEvent(NamedTuple):
    """One busy instance of an event, from `start` to `end`, and the path of its file."""

    start: int
    end: int
    event: Event
    path: str


@dataclass
class Contents:
    """The files of a calendar, its busy time from now on, and the findings made while reading."""

    calendar: Calendar
    files: list[tuple[str, File]] = field(default_factory=list)
    busy: list[BusyEvent] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def events(self) -> Iterator[tuple[str, Event]]:
        """Every readable VEVENT, with the path of its file."""
        for path, file in self.files:
            masters = [series.master for series in file.series]
            # The dates of one of gbook's own series are one VEVENT.
            singles = {id(event): event for event in (one.master or one for one in file.singles)}
            yield from ((path, event) for event in (*singles.values(), *masters))


def read_contents(calendar: Calendar, now: int) -> Contents:
    """Read as much of a calendar as possible; an unreadable part becomes a finding."""
    contents = Contents(calendar)
    try:
        names = [name for name, _ in calendar.store.look()]
    except GbookError as fault:
        contents.findings.append(_unreadable(fault, calendar, calendar.shown))
        return contents
    if not names and (folder := _filled_folder(calendar.store)):
        contents.findings.append(_empty_folder(calendar.shown, folder))
    for name in names:
        shown = f"{calendar.shown}/{name}" if name else calendar.shown
        try:
            full, upcoming = read_settled(Item(calendar.store, name), partial(_read, calendar.options, now))
        except GbookError as fault:
            contents.findings.append(_unreadable(fault, calendar, shown))
        else:
            contents.files.append((shown, full))
            instances, diagnostics = _upcoming_instances(upcoming)
            diagnostics = [*full.diagnostics, *upcoming.diagnostics, *diagnostics]
            instances += _later_bookings(full, now + AHEAD)
            contents.busy += _busy_events(calendar.options, instances, shown, now)
            contents.findings += _diagnostics(full, diagnostics, shown)
    return contents


def check_contents(contents: Contents, now: int) -> Iterator[Finding]:
    """Yield the findings that concern one calendar alone."""
    yield from contents.findings
    yield from _orphan_overrides(contents)
    yield from _duplicate_uids(contents)
    yield from _free_leave(contents, now)
    yield from _expired_reservations(contents, now)


def subject(event: Event) -> str:
    """Return the subject of an event, in quotes and shortened; of a private event only that it is one."""
    if event.is_private:
        return "a private event"
    text = event.subject or "(no subject)"
    return repr(text if len(text) <= 50 else f"{text[:50]}…")


def _filled_folder(store: Store) -> str | None:
    """Return a subfolder of a vdir that is a vdir itself (vdirsyncer calls it a collection)."""
    if not isinstance(store, LocalStore):
        return None
    return min((item.parent.name for item in store.path.glob("*/*.ics")), default=None)


def _read(options: ReadOptions, now: int, data: bytes) -> tuple[File, File]:
    """Return a file with all its events, and with those of the days ahead only."""
    return read_file(data, options, *ALL_TIME), read_file(data, options, now, now + AHEAD)


def _busy_events(
    options: ReadOptions, instances: Iterable[Occurrence], path: str, now: int
) -> Iterator[BusyEvent]:
    """Yield the instances that are busy at `now`."""
    for start, end, event in instances:
        if end > start and read_own_booking(event, options.policy, options.email)[0].blocks_at(now):
            yield BusyEvent(start, end, event, path)


def _upcoming_instances(upcoming: File) -> tuple[list[Occurrence], list[Diagnostic]]:
    """Return the instances of all events without rules that are too dense, and the faults of series."""
    instances: list[Occurrence] = []
    faults: list[Diagnostic] = []
    for series in upcoming.series:
        expanded, own_faults = upcoming.expand(series)
        is_dense = any(diagnostic.code == "dense_rule" for diagnostic in own_faults)
        instances += (item for item in expanded if not is_dense or item.event.line != series.master.line)
        faults += own_faults
    for event in upcoming.singles:
        instances += upcoming.single(event)
    return instances, faults


def _later_bookings(full: File, low: int) -> Iterator[Occurrence]:
    """Yield gbook's own bookings that start at `low` or later."""
    for event in full.singles:
        if event.is_ours and event.extent and event.start.instant >= low:
            yield Occurrence(event.start.instant, event.extent.end(event.start), event)


def _unreadable(fault: GbookError, calendar: Calendar, path: str) -> Finding:
    if calendar.store.is_remote:
        known = unread(fault, calendar.account.id, path)
        message = f"{known.message}; until it can be read, the account counts as busy"
        return (warning if isinstance(fault, Unreachable) else error)(known.code, message, path)
    problem = fault.problems[0] if isinstance(fault, InvalidFile) else Problem(fault.message)
    return _finding(Diagnostic("unreadable_calendar", problem.message, problem.line), path)


def _empty_folder(path: str, folder: str) -> Finding:
    message = f"has no events, but its subfolder {folder} has; use {path}/{folder} as the path in gbook.yaml"
    return warning("empty_folder", message, path)


def _finding(diagnostic: Diagnostic, path: str, *, hides: bool = True) -> Finding:
    """Return a diagnostic as a finding: an error if it may hide (`hides`) busy time, else a warning."""
    message = diagnostic.message
    if diagnostic.code in _REMEDIES:
        message = f"{message}; {_REMEDIES[diagnostic.code]}"
    return (error if hides else warning)(diagnostic.code, message, path, diagnostic.line)


def _diagnostics(full: File, diagnostics: Iterable[Diagnostic], path: str) -> Iterator[Finding]:
    masters = [series.master for series in full.series]
    timed_lines = {event.line for event in (*full.singles, *masters) if event.has_day}
    for diagnostic in dict.fromkeys(diagnostics):
        # A dense rule blocks more than it should, and an event whose time was read still blocks it.
        hides = diagnostic.code != "dense_rule" and diagnostic.line not in timed_lines
        yield _finding(diagnostic, path, hides=hides)


def _orphan_overrides(contents: Contents) -> Iterator[Finding]:
    """Yield the overrides (RECURRENCE-ID) whose series is not in the calendar."""
    masters = {event.uid for _, event in contents.events if event.recurrence_id is None}
    for path, event in contents.events:
        if event.recurrence_id is not None and event.uid not in masters:
            message = (
                f"{subject(event)} changes one date of a series that is not in this calendar, and only "
                "blocks that date; delete it or restore the series"
            )
            yield warning("orphan_override", message, path, event.line)


def _duplicate_uids(contents: Contents) -> Iterator[Finding]:
    """Yield the events that have the UID of an earlier one in the calendar."""
    first: dict[str, tuple[str, Event]] = {}
    for path, event in sorted(contents.events, key=lambda entry: (entry[0], entry[1].line)):
        if not event.uid or event.recurrence_id is not None:
            continue
        other_path, other = first.setdefault(event.uid, (path, event))
        if other is not event:
            message = (
                f"{subject(event)} has the same UID as the event in {other_path}:{other.line}; both block, "
                "but other programs show only one: delete one of them"
            )
            yield warning("duplicate_uid", message, path, event.line)


def _free_leave(contents: Contents, now: int) -> Iterator[Finding]:
    """Yield the days of leave on which the account counts as free, once for each subject."""
    policy = contents.calendar.options.policy
    if policy.blocking != "transp" or policy.all_day == "free":
        return
    reported: set[tuple[str, str]] = set()
    for path, event in contents.events:
        if is_cancelled(event) or not _is_leave(event) or (path, name := subject(event)) in reported:
            continue
        if not blocks(event, policy, "") and _is_ahead(event, now):
            reported.add((path, name))
            message = (
                f"{name} looks like leave but is marked free, so it does not block; mark it busy, or set "
                "`blocking: always` for the calendar"
            )
            yield warning("leave_marked_free", message, path, event.line)


def _is_leave(event: Event) -> bool:
    return event.start.is_date and bool(_LEAVE.search(event.text("SUMMARY")))


def _is_ahead(event: Event, now: int) -> bool:
    """Return whether an event, or an instance of it, may be in the year ahead."""
    end = event.extent.end(event.start) if event.extent else event.start.instant
    return event.start.instant < now + LEAVE_AHEAD and (end > now or event.is_series)


def _expired_reservations(contents: Contents, now: int) -> Iterator[Finding]:
    """Yield expired holds, and reservations that expired more than a day ago: no booking has removed them."""
    options = contents.calendar.options
    for path, event in contents.events:
        if not event.is_ours or event.value("STATUS") != "TENTATIVE":
            continue
        expires = read_own_booking(event, options.policy, options.email)[0].expires
        if expires is None:
            continue
        if f"{HOLD}:".encode() in event.content:
            if expires < now:
                message = "left by an interrupted booking; the next booking in this calendar deletes it"
                yield warning("left_hold", message, path, event.line)
        elif expires < now - DAY:
            message = (
                f"the reservation {subject(event)} has expired; the next booking in this calendar removes "
                f"it, or `gbook reservation drop {event.uid}`"
            )
            yield warning("expired_reservation", message, path, event.line)
