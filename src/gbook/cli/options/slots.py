"""The option --slot: a time, a start and an end, the first slot, or a document on stdin."""

from __future__ import annotations

import sys
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

import gbook
from gbook.cli.options.dates import typed_time
from gbook.errors import UsageError
from gbook.profiles.model import Required

__all__ = ["TypedSlot", "read_document", "read_slot"]

# The availability document of 20 accounts over a year is smaller than this.
MAX_DOCUMENT = 64 << 20


class TypedSlot(NamedTuple):
    """A slot as instants (no start: the first slot or the best), and the other values of a document."""

    start: int | None
    end: int | None = None
    profile: str | None = None
    required: Required | None = None
    accounts: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    # Whether it is of a meeting without a profile.
    has_no_profile: bool = False
    # Without a start: the best slot by its rank, not the first.
    best: bool = False


class _Item(msgspec.Struct, rename="camel"):
    """One item of an availability document."""

    start: str
    end: str | None = None
    group_xids: list[str] = []
    account_ids: list[str | int] = []


class _AvailabilityDocument(msgspec.Struct, rename="camel"):
    """The parts of an availability document that a booking needs."""

    items: list[_Item]
    profile: str | msgspec.UnsetType | None = msgspec.UNSET
    required: Required | None = None
    offset: int = 0
    done: bool = True

    @property
    def is_page(self) -> bool:
        """Whether its items name only some of the available members."""
        return self.offset > 0 or not self.done


def read_slot(text: str, zone: ZoneInfo, now: int) -> TypedSlot:
    """Return the slot of a time (in `zone` without an offset), `START/END`, `first` or `best`.

    Raises UsageError.
    """
    if text in ("first", "best"):
        return TypedSlot(None, best=text == "best")
    first, slash, last = text.partition("/")
    start, end = typed_time(first, zone, now), typed_time(last, zone, now) if slash else None
    if end is not None and end <= start:
        raise UsageError(f"--slot: the end, {last}, is not after the start, {first}")
    return TypedSlot(start, end)


def read_document(zone: ZoneInfo, now: int) -> TypedSlot:
    """Return the first slot of the availability document on stdin, or of a single item of one.

    Raises UsageError for anything else, SlotUnavailable for a document without slots.
    """
    document, item = _decode(sys.stdin.buffer.read(MAX_DOCUMENT))
    if item is None:
        raise gbook.SlotUnavailable("--slot -: the availability document has no slots")
    slot = read_slot(item.start if item.end is None else f"{item.start}/{item.end}", zone, now)
    if document:
        slot = slot._replace(
            profile=document.profile or None,
            required=document.required,
            has_no_profile=document.profile is None,
        )
        if document.is_page:
            return slot
    return slot._replace(accounts=tuple(map(str, item.account_ids)), groups=tuple(item.group_xids))


def _decode(data: bytes) -> tuple[_AvailabilityDocument | None, _Item | None]:
    """Return the document, if it is a whole one, and its first item. Raises UsageError."""
    try:
        if "items" not in msgspec.json.decode(data, type=dict[str, msgspec.Raw]):
            return None, msgspec.json.decode(data, type=_Item)
        document = msgspec.json.decode(data, type=_AvailabilityDocument)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"--slot -: stdin is not an availability document ({error})") from None
    return document, next(iter(document.items), None)
