"""Edits of the bytes of a calendar: insert, replace or remove an event, and keep all other bytes.

An edit states the result, not the steps. So it applies to a file that another program has changed meanwhile,
and applying it twice is the same as once. The journal relies on both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

import msgspec

from gbook import PRODID
from gbook.calendars.ics.content_lines import fold, line_break, lines_with_depth, name_of
from gbook.calendars.ics.structure import EventRange, read_structure

__all__ = [
    "Edit",
    "Put",
    "Remove",
    "Restore",
    "Undo",
    "apply",
    "find_events",
    "inverse",
    "rewrite",
    "rewrite_properties",
]


class Put(msgspec.Struct, frozen=True, tag="put"):
    """The calendar has the event `uid` as `component`: one VEVENT with that UID, lines folded or not.

    It replaces the event with the same UID and RECURRENCE-ID, or is inserted before the last END:VCALENDAR.
    `timezone` is the VTIMEZONE of its times (RFC 5545 §3.6.5), inserted with it unless the calendar has one
    with that TZID; it stays if the event is removed.
    """

    uid: str
    component: bytes
    timezone: bytes = b""


class Remove(msgspec.Struct, frozen=True, tag="remove"):
    """The calendar has no event `uid`, and no override of its instances."""

    uid: str


class Restore(msgspec.Struct, frozen=True, tag="restore"):
    """The file exists; if it does not, it is created with this content."""

    content: bytes


Edit = Put | Remove
# Reverts an edit.
Undo = Put | Remove | Restore


def apply(
    content: bytes | None, edits: Iterable[Undo], path: str, *, vdir_item: bool = False
) -> bytes | None:
    """Return the content of a file after the edits; None is no file, before and after.

    Only an item of a vdir is removed with its last event. Raises InvalidFile, with `path` and the line, if
    `content` is not a complete iCalendar stream.
    """
    for edit in edits:
        if isinstance(edit, Put):
            content = _put(content, edit, path)
        elif isinstance(edit, Restore):
            content = _restored(edit) if content is None else content
        elif content is not None:
            content = _remove(content, edit, path, vdir_item)
    return content


def inverse(before: bytes | None, after: bytes | None, edits: Iterable[Undo], path: str) -> list[Undo]:
    """Return the edits that undo those that made `after` of `before`, also if other programs change the file.

    A replaced event gets its former content; a removed one is added at the end of the file.
    """
    if before is not None and after is None:
        return [Restore(before)]
    undo: list[Undo] = []
    for uid in dict.fromkeys(uid for edit in edits for uid in _uids(edit)):
        old, new = (find_events(each, uid, path) if each is not None else [] for each in (before, after))
        if len(new) > len(old):
            undo.append(Remove(uid))
        undo += [Put(uid, component) for component in old]
    return undo


def _uids(edit: Undo) -> list[str]:
    """Return the UIDs of the events that an edit may change."""
    if not isinstance(edit, Restore):
        return [edit.uid]
    return [event.uid for event in read_structure(edit.content, "the event").events if event.uid is not None]


def find_events(content: bytes, uid: str, path: str) -> list[bytes]:
    """Return the bytes of each VEVENT with this UID, in the order of the file. Raises what `apply` raises."""
    return [
        content[event.start : event.end] for event in read_structure(content, path).events if event.uid == uid
    ]


def rewrite(component: bytes, change: Callable[[bytes], bytes | None], added: Iterable[bytes] = ()) -> bytes:
    """Return a VEVENT with its own content lines changed; those of nested components (VALARM) stay.

    `change` gets each line unfolded, and returns it, another line, or None to drop it. A line that it returns
    unchanged keeps its bytes. The lines `added` come after the last property.
    """
    own_break = line_break(component)
    out: list[bytes] = []
    last = 0
    for written, line, depth in lines_with_depth(component):
        word = line[:6].upper()
        if depth != 1 or word.startswith((b"BEGIN:", b"END:")) or (changed := change(line)) == line:
            out.append(written)
        elif changed is not None:
            out.append(fold(changed, own_break))
        # After BEGIN and after each property, never after a nested component.
        last = len(out) if depth == 1 and not word.startswith(b"END:") else last
    return b"".join([*out[:last], *(fold(line, own_break) for line in added), *out[last:]])


def rewrite_properties(component: bytes, changes: Mapping[str, bytes | None]) -> bytes:
    """Return a VEVENT in which each named property has the given line, or is removed if that is None.

    Values are whole content lines, unfolded (`{"STATUS": b"STATUS:CANCELLED"}`). The first line of a name is
    replaced, further ones are dropped, and a missing property is added.
    """
    pending = {name.upper().encode(): line for name, line in changes.items()}
    named = frozenset(pending)

    def change(line: bytes) -> bytes | None:
        name = name_of(line)
        return pending.pop(name, None) if name in named else line

    # The first pass replaces existing properties; those still pending are missing.
    rewritten = rewrite(component, change)
    return rewrite(rewritten, lambda line: line, [line for line in pending.values() if line is not None])


def _put(content: bytes | None, put: Put, path: str) -> bytes:
    own, key = _checked(put)
    if content is None:
        head = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:{PRODID}\r\n".encode()
        return head + _with_breaks(put.timezone + own, b"\r\n") + b"END:VCALENDAR\r\n"
    structure = read_structure(content, path)
    old = [event for event in structure.events if (event.uid, event.recurrence) == key]
    if not old:
        new = own if _has_timezone(content, put.timezone) else put.timezone + own
        return content[: structure.end] + _with_breaks(new, line_break(content)) + content[structure.end :]
    replaced = content[old[0].start : old[0].end]
    if len(breaks := set(_BREAK.findall(replaced))) == 1:
        own = _with_breaks(own, breaks.pop())
    # Merged files may have the event several times: afterwards they have it once.
    return _spliced(content, {old[0]: own} | dict.fromkeys(old[1:], b""))


def _restored(restore: Restore) -> bytes:
    """Return the content if it is a complete calendar: a planted journal must not break one."""
    read_structure(restore.content, "the event")
    return restore.content


def _remove(content: bytes, remove: Remove, path: str, vdir_item: bool) -> bytes | None:
    structure = read_structure(content, path)
    gone = [event for event in structure.events if event.uid == remove.uid]
    if vdir_item and gone and len(gone) == structure.items:
        return None
    return _spliced(content, dict.fromkeys(gone, b""))


def _checked(put: Put) -> tuple[bytes, tuple[str | None, bytes | None]]:
    """Return the component, and its UID and RECURRENCE-ID.

    Raises ValueError if it is not one VEVENT, or its zone no VTIMEZONE: a planted journal must not break a
    calendar.
    """
    own = put.component if put.component.endswith(b"\n") else put.component + b"\r\n"
    head = b"BEGIN:VCALENDAR\r\n"
    if put.timezone and not _is_timezone(put.timezone):
        raise ValueError("expected one VTIMEZONE")
    events = read_structure(head + own + b"END:VCALENDAR\r\n", "the event").events
    if [(each.start, each.end, each.uid) for each in events] != [(len(head), len(head + own), put.uid)]:
        raise ValueError(f"expected one VEVENT with the UID {put.uid}")
    return own, (put.uid, events[0].recurrence)


def _is_timezone(component: bytes) -> bool:
    structure = read_structure(b"BEGIN:VCALENDAR\r\n" + component + b"END:VCALENDAR\r\n", "the zone")
    return not structure.items and len(_TIMEZONES.findall(component)) == 1


def _has_timezone(content: bytes, timezone: bytes) -> bool:
    """Return whether a calendar has a zone already; also if there is none to look for."""
    named = _TZID.search(timezone)
    return named is None or named[0].upper() in {line.upper() for line in _TZID.findall(content)}


def _with_breaks(component: bytes, line_break: bytes) -> bytes:
    return _BREAK.sub(line_break, component)


def _spliced(content: bytes, pieces: Mapping[EventRange, bytes]) -> bytes:
    out: list[bytes] = []
    at = 0
    for event, piece in sorted(pieces.items()):
        out += content[at : event.start], piece
        at = event.end
    return b"".join([*out, content[at:]])


_BREAK = re.compile(rb"\r?\n")
_TIMEZONES = re.compile(rb"(?im)^BEGIN:VTIMEZONE")
_TZID = re.compile(rb"(?im)^TZID:[^\r\n]*")
