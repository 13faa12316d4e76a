"""Journals: the plan of a transaction, written at each of its calendars before any calendar is changed.

A journal contains the edits of its own calendar, how to undo them, and the names of the other calendars. The
transaction is committed when the first calendar has its journal, and over when that journal is deleted. A
planted journal can change only the calendar beside it, which its author could already replace.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Literal, NamedTuple

import msgspec

from gbook.calendars.commit.paths import companion_path, is_folder, outdated
from gbook.calendars.ics.edit import Undo
from gbook.errors import GbookError
from gbook.filesystem import files
from gbook.filesystem.companions import temporaries_in

__all__ = ["Calendar", "CalendarFile", "Entry", "Journal", "encode", "is_item", "load", "temporaries"]


class CalendarFile(NamedTuple):
    """A file to be changed: `path` is the calendar itself, or an item of a vdir. Both are real paths."""

    calendar: str
    path: str

    @property
    def folder(self) -> str:
        """The folder of the file."""
        return os.path.dirname(self.path)

    @property
    def in_vdir(self) -> bool:
        """Whether the file is an item of a vdir."""
        return self.calendar != self.path


class Entry(msgspec.Struct, frozen=True):
    """The edits of one file, and their undo; `item` is its name in a vdir, else None."""

    item: str | None
    edits: list[Undo]
    undo: list[Undo]


class Calendar(msgspec.Struct, frozen=True):
    """A calendar of a transaction: its path relative to the folder beside the calendar, and its token."""

    # Relative, so that journals stay valid when the workspace is moved or copied.
    path: str
    # See locks.token: through another mount, or on another machine, the path may lead to another calendar.
    token: str


class Journal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The part of the transaction `id` that concerns one of its calendars."""

    version: Literal[2]
    id: str
    # All calendars of the transaction, the first one first.
    calendars: list[Calendar]
    # The index of the journal's own calendar: where a vdir is mounted, its name may differ.
    own: int
    entries: list[Entry]

    def tokens(self, calendar: str) -> dict[str, str]:
        """Return the token of each calendar by its absolute path, as seen from `calendar`."""
        folder = os.path.dirname(calendar)
        paths = [os.path.normpath(os.path.join(folder, each.path)) for each in self.calendars]
        paths[self.own] = calendar
        return {path: each.token for path, each in zip(paths, self.calendars, strict=True)}

    def paths(self, calendar: str) -> list[str]:
        """Return the calendars as absolute paths, as seen from `calendar`."""
        return list(self.tokens(calendar))

    def targets(self, calendar: str) -> list[tuple[CalendarFile, Entry]]:
        """Return the files of `calendar` that change, each with its entry."""
        return [(CalendarFile(calendar, _path(calendar, entry)), entry) for entry in self.entries]


def encode(id: str, calendar: str, tokens: Mapping[str, str], entries: list[Entry]) -> bytes:
    """Return the bytes of the journal of `calendar`.

    `tokens` maps each calendar of the transaction, in order, to its token.
    """
    folder = os.path.dirname(calendar)
    named = [Calendar(os.path.relpath(path, folder), own) for path, own in tokens.items()]
    return msgspec.json.encode(Journal(2, id, named, list(tokens).index(calendar), entries))


def is_item(name: str) -> bool:
    """Return whether a file of this name is an item of a vdir."""
    return _ITEM.fullmatch(name) is not None


def load(calendar: str) -> Journal | None:
    """Return the journal of a calendar, None if it has none. Raises GbookError for a damaged one."""
    if misplaced := outdated(calendar):
        raise _damaged(misplaced, "it is from an older version")
    path = companion_path(calendar, "journal")
    content = files.read(path)
    if content is None:
        return None
    try:
        journal = msgspec.json.decode(content, type=Journal)
    except msgspec.DecodeError as error:
        raise _damaged(path, str(error)) from error
    if not 0 <= journal.own < len(journal.calendars):
        raise _damaged(path, "it belongs to other calendars")
    if not _ID.fullmatch(journal.id) or not all(
        entry.item is None or is_item(entry.item) for entry in journal.entries
    ):
        raise _damaged(path, "it names files outside the calendar")
    return journal


def temporaries(calendar: str) -> list[str]:
    """Return the temporary files that unfinished transactions have left for a calendar. Raises OSError."""
    if is_folder(calendar):
        return [path for path, _ in temporaries_in(calendar)]
    folder, name = os.path.split(calendar)
    own = {name, os.path.basename(companion_path(calendar, "journal"))}
    return [path for path, owner in temporaries_in(folder) if owner in own]


def _path(calendar: str, entry: Entry) -> str:
    return calendar if entry.item is None else os.path.join(calendar, entry.item)


def _damaged(path: str, reason: str) -> GbookError:
    return GbookError(
        f"{path}: the journal of an unfinished booking is damaged or from another version ({reason}); "
        f"check the calendar, then delete the journal",
        path=path,
    )


_ID = re.compile(r"[0-9a-f]{16}")
_ITEM = re.compile(r"[^./\0][^/\0]*\.ics", re.IGNORECASE)
