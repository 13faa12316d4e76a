"""The plan of a transaction, written at each of its calendars before anything is done.

A journal contains only the edits of the calendar that it belongs to, how to undo them, and the names of
the other calendars. The transaction is committed as soon as the first calendar has its journal, and over when
that is gone. So a forged journal can do no more than its author could have done directly: it changes one
calendar of a folder that the author may write.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Literal, NamedTuple

import msgspec

from gbook.calendars.commit.locks import companion_path, is_folder, outdated
from gbook.calendars.ics.edit import Edit, Undo
from gbook.errors import GbookError
from gbook.filesystem import files
from gbook.filesystem.companions import temporaries_in

__all__ = ["Calendar", "Entry", "Journal", "Target", "encode", "is_item", "load", "temporaries"]


class Target(NamedTuple):
    """A file that is to be changed: the calendar itself, or an item of a vdir. Both are real paths."""

    calendar: str
    path: str

    @property
    def folder(self) -> str:
        return os.path.dirname(self.path)

    @property
    def in_vdir(self) -> bool:
        return self.calendar != self.path


class Entry(msgspec.Struct, frozen=True):
    """The edits of one file, and what undoes them; `item` is its name in a vdir, else None."""

    item: str | None
    edits: list[Edit]
    undo: list[Undo]


class Calendar(msgspec.Struct, frozen=True):
    """A calendar of a transaction: its path relative to the folder beside the calendar, and its token."""

    # Relative, so that a workspace that is moved or copied takes its journals along.
    path: str
    # See locks.token: the same path may lead to another calendar through another mount or on another machine.
    token: str


class Journal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The transaction `id` as one of its calendars sees it: the one that the journal belongs to."""

    version: Literal[2]
    id: str
    # All calendars of the transaction, the first one first.
    calendars: list[Calendar]
    # Which of them the journal belongs to: a vdir may have another name where it is mounted.
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

    def targets(self, calendar: str) -> list[tuple[Target, Entry]]:
        """Return what shall become of which file of `calendar`."""
        return [
            (Target(calendar, calendar if entry.item is None else os.path.join(calendar, entry.item)), entry)
            for entry in self.entries
        ]


def encode(id: str, calendar: str, tokens: Mapping[str, str], entries: list[Entry]) -> bytes:
    """Return the journal of `calendar` as it is written; `tokens` are those of all calendars, in order."""
    folder = os.path.dirname(calendar)
    named = [Calendar(os.path.relpath(path, folder), own) for path, own in tokens.items()]
    return msgspec.json.encode(Journal(2, id, named, list(tokens).index(calendar), entries))


def is_item(name: str) -> bool:
    """Whether a file of this name is an item of a vdir."""
    return _ITEM.fullmatch(name) is not None


def load(calendar: str) -> Journal | None:
    """Return the journal of a calendar, None where there is none. Raises GbookError for a damaged one."""
    if beside := outdated(calendar):
        raise _damaged(beside, "it is of an older version")
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
        raise _damaged(path, "it names files that are not in the calendar")
    return journal


def temporaries(calendar: str) -> list[str]:
    """Return the temporary files that transactions on a calendar have left, of its items and its journal."""
    if is_folder(calendar):
        return [path for path, _ in temporaries_in(calendar)]
    folder, name = os.path.split(calendar)
    own = {name, os.path.basename(companion_path(calendar, "journal"))}
    return [path for path, owner in temporaries_in(folder) if owner in own]


def _damaged(path: str, reason: str) -> GbookError:
    return GbookError(
        f"{path}: this record of an unfinished booking is damaged or not of this version ({reason}); "
        f"see that the calendar is right, then delete the record",
        path=path,
    )


_ID = re.compile(r"[0-9a-f]{16}")
_ITEM = re.compile(r"[^./\0][^/\0]*\.ics", re.IGNORECASE)
