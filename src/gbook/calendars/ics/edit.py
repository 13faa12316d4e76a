"""Changes to the bytes of a calendar: an event put in, replaced or taken out, every other byte kept.

An edit says what shall be, not how to get there: it can be applied to whatever another program has made of
the file meanwhile, and applying it twice is applying it once. The journal relies on both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

import msgspec

from gbook.calendars.ics.structure import EventRange, content_lines, fold, line_break, read_structure

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

PRODUCT = b"-//gbook//gbook//EN"


class Put(msgspec.Struct, frozen=True, tag="put"):
    """The event `uid` reads as `component`: one VEVENT, with that UID, lines folded or not.

    It replaces the event of the same UID and RECURRENCE-ID, else it is put before the last END:VCALENDAR.
    """

    uid: str
    component: bytes


class Remove(msgspec.Struct, frozen=True, tag="remove"):
    """There is no event `uid`, neither the event nor an override of one of its instances."""

    uid: str


class Restore(msgspec.Struct, frozen=True, tag="restore"):
    """The file is there: with this content, unless it exists."""

    content: bytes


Edit = Put | Remove
# What takes an edit back.
Undo = Put | Remove | Restore


def apply(
    content: bytes | None, edits: Iterable[Undo], path: str, *, vdir_item: bool = False
) -> bytes | None:
    """What a file holds once the edits are done; None stands for no file, before and after.

    Only an item of a vdir goes with its last event. Raises InvalidFile, naming `path` and the line, where
    `content` is no whole iCalendar stream.
    """
    for edit in edits:
        if isinstance(edit, Put):
            content = _put(content, edit, path)
        elif isinstance(edit, Restore):
            content = _restored(edit) if content is None else content
        elif content is not None:
            content = _remove(content, edit, path, vdir_item)
    return content


def inverse(before: bytes | None, after: bytes | None, edits: Iterable[Edit], path: str) -> list[Undo]:
    """Return what takes edits back that made `after` of `before`, whatever others change meanwhile.

    Replaced events read as before; removed ones come back, at the end of the file.
    """
    if before is not None and after is None:
        return [Restore(before)]
    undo: list[Undo] = []
    for uid in dict.fromkeys(edit.uid for edit in edits):
        old, new = (find_events(each, uid, path) if each is not None else [] for each in (before, after))
        if len(new) > len(old):
            undo.append(Remove(uid))
        undo += [Put(uid, component) for component in old]
    return undo


def find_events(content: bytes, uid: str, path: str) -> list[bytes]:
    """The bytes of each VEVENT with this UID, in the order of the file. Raises what `apply` raises."""
    return [
        content[place.start : place.end] for place in read_structure(content, path).events if place.uid == uid
    ]


def rewrite(component: bytes, change: Callable[[bytes], bytes | None], added: Iterable[bytes] = ()) -> bytes:
    """A VEVENT with its own content lines changed, those of nested components (VALARM) left alone.

    `change` is given each line unfolded, and gives it back, another line, or None to drop it. Lines that it
    gives back stay byte for byte. `added` come behind the last property.
    """
    own_break = line_break(component)
    out: list[bytes] = []
    depth, last = 0, 0
    for raw, line in content_lines(component):
        word = line[:6].upper()
        depth += word.startswith(b"BEGIN:")
        if depth != 1 or word.startswith((b"BEGIN:", b"END:")) or (changed := change(line)) == line:
            out.append(raw)
        elif changed is not None:
            out.append(fold(changed, own_break))
        depth -= word.startswith(b"END:")
        # Behind BEGIN and behind every property, never behind a nested component.
        last = len(out) if depth == 1 and not word.startswith(b"END:") else last
    return b"".join([*out[:last], *(fold(line, own_break) for line in added), *out[last:]])


def rewrite_properties(component: bytes, changes: Mapping[str, bytes | None]) -> bytes:
    """A VEVENT in which each property named reads as given, or is gone where None is given.

    Values are whole content lines, unfolded (`{"STATUS": b"STATUS:CANCELLED"}`). The first line of that name
    is replaced and further ones dropped; a property that was not there is added.
    """
    pending = {name.upper().encode(): line for name, line in changes.items()}
    named = frozenset(pending)

    def change(line: bytes) -> bytes | None:
        name = _NAME.match(line)
        if name is None or (upper := name[0].upper()) not in named:
            return line
        return pending.pop(upper, None)

    # The first walk finds what is there to be replaced; what is left over was not there.
    rewritten = rewrite(component, change)
    return rewrite(rewritten, lambda line: line, [line for line in pending.values() if line is not None])


def _put(content: bytes | None, put: Put, path: str) -> bytes:
    own, key = _checked(put)
    if content is None:
        head = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:" + PRODUCT + b"\r\n"
        return head + _with_breaks(own, b"\r\n") + b"END:VCALENDAR\r\n"
    frame = read_structure(content, path)
    old = [place for place in frame.events if (place.uid, place.recurrence) == key]
    if not old:
        return content[: frame.end] + _with_breaks(own, line_break(content)) + content[frame.end :]
    replaced = content[old[0].start : old[0].end]
    if len(breaks := set(_BREAK.findall(replaced))) == 1:
        own = _with_breaks(own, breaks.pop())
    # Merged files may hold the event more than once: it is there exactly once afterwards.
    return _spliced(content, {old[0]: own} | dict.fromkeys(old[1:], b""))


def _restored(restore: Restore) -> bytes:
    """The content, if it is a whole calendar: no journal may break one."""
    read_structure(restore.content, "the event")
    return restore.content


def _remove(content: bytes, remove: Remove, path: str, vdir_item: bool) -> bytes | None:
    frame = read_structure(content, path)
    gone = [place for place in frame.events if place.uid == remove.uid]
    if vdir_item and gone and len(gone) == frame.items:
        return None
    return _spliced(content, dict.fromkeys(gone, b""))


def _checked(put: Put) -> tuple[bytes, tuple[str | None, bytes | None]]:
    """The component and what it is found by. Raises ValueError: no journal may break a calendar's frame."""
    own = put.component if put.component.endswith(b"\n") else put.component + b"\r\n"
    head = b"BEGIN:VCALENDAR\r\n"
    events = read_structure(head + own + b"END:VCALENDAR\r\n", "the event").events
    if [(each.start, each.end, each.uid) for each in events] != [(len(head), len(head + own), put.uid)]:
        raise ValueError(f"expected one VEVENT with the UID {put.uid}")
    return own, (put.uid, events[0].recurrence)


def _with_breaks(component: bytes, wanted: bytes) -> bytes:
    return _BREAK.sub(wanted, component)


def _spliced(content: bytes, pieces: Mapping[EventRange, bytes]) -> bytes:
    out: list[bytes] = []
    at = 0
    for place, piece in sorted(pieces.items()):
        out += content[at : place.start], piece
        at = place.end
    return b"".join([*out, content[at:]])


_NAME = re.compile(rb"[A-Za-z0-9-]+")
_BREAK = re.compile(rb"\r?\n")
