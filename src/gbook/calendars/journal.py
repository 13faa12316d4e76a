"""What a transaction means to do, written beside each of its calendars before it does anything.

A journal says only what shall become of the calendar it lies beside, and names the others. The transaction
is committed from the instant at which the journal of the first calendar stands, and over when that is gone.
So a journal that somebody else has put there can do no more than he could have done himself: it changes
one calendar of a folder that he may write.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import msgspec

from gbook.calendars import files
from gbook.calendars.edit import Edit
from gbook.calendars.locks import sidecar
from gbook.errors import GbookError

__all__ = ["Entry", "Journal", "Target", "encode", "is_item", "load", "temporaries", "temporary"]


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
    """The edits of one file; `item` is its name in the vdir, None where the calendar is a file."""

    item: str | None
    edits: list[Edit]


class Journal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The transaction `id` as the calendar sees it that the journal lies beside."""

    version: Literal[1]
    id: str
    # All calendars of the transaction, the first one first, relative to the folder of the journal: a
    # workspace that is moved or copied takes its journals along.
    calendars: list[str]
    entries: list[Entry]

    def paths(self, calendar: str) -> list[str]:
        """The calendars as absolute paths, seen from beside `calendar`."""
        folder = os.path.dirname(calendar)
        return [os.path.normpath(os.path.join(folder, each)) for each in self.calendars]

    def targets(self, calendar: str) -> list[tuple[Target, list[Edit]]]:
        """What shall become of which file of `calendar`."""
        return [
            (Target(calendar, calendar if item is None else os.path.join(calendar, item)), edits)
            for item, edits in ((entry.item, entry.edits) for entry in self.entries)
        ]


def encode(id: str, calendar: str, calendars: Sequence[str], entries: list[Entry]) -> bytes:
    """The journal of `calendar` as it is written."""
    folder = os.path.dirname(calendar)
    relative = [os.path.relpath(each, folder) for each in calendars]
    return msgspec.json.encode(Journal(1, id, relative, entries))


def is_item(name: str) -> bool:
    """Whether a file of this name is an item of a vdir."""
    return _ITEM.fullmatch(name) is not None


def load(calendar: str) -> Journal | None:
    """The journal beside a calendar, None where there is none. Raises GbookError where it makes no sense."""
    path = sidecar(calendar, "journal")
    content = files.read(path)
    if content is None:
        return None
    try:
        journal = msgspec.json.decode(content, type=Journal)
    except msgspec.DecodeError as error:
        raise _damaged(path, str(error)) from error
    if calendar not in journal.paths(calendar):
        raise _damaged(path, "it belongs to other calendars")
    if not _ID.fullmatch(journal.id) or not all(
        entry.item is None or is_item(entry.item) for entry in journal.entries
    ):
        raise _damaged(path, "it names files that are not in the calendar")
    return journal


def temporary(path: str, transaction: str) -> str:
    """Where the new content of a file is written first: beside it, hidden, no item of a vdir."""
    folder, name = os.path.split(path)
    return os.path.join(folder, f".{name}.{transaction}.gbook-tmp")


def temporaries(calendar: str) -> list[str]:
    """The temporary files that transactions on a calendar have left, of its items and of its journal."""
    folder, name = os.path.split(calendar)
    own = {name, os.path.basename(sidecar(calendar, "journal"))}
    found = [path for path, of in _temporaries_in(folder) if of in own]
    if os.path.isdir(calendar):
        found += [path for path, _ in _temporaries_in(calendar)]
    return found


def _temporaries_in(folder: str) -> Iterator[tuple[str, str]]:
    """The temporary files in a folder, each with the name of the file that it was to become."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if match := _TEMPORARY.fullmatch(entry.name):
                yield entry.path, match[1]


def _damaged(path: str, reason: str) -> GbookError:
    return GbookError(
        f"{path}: this record of an unfinished booking is damaged or not of this version ({reason}); "
        f"see that the calendar is right, then delete the record",
        path=path,
    )


_ID = re.compile(r"[0-9a-f]{16}")
_TEMPORARY = re.compile(r"\.(.+)\.[0-9a-f]{16}\.gbook-tmp")
_ITEM = re.compile(r"[^./\0][^/\0]*\.ics", re.IGNORECASE)
