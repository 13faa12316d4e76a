"""The option --slot: a time, a start and an end, the first slot, or a document on stdin."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

import gbook
from gbook.cli.options.dates import typed_time
from gbook.cli.options.repeats import LONGEST_INTERVAL, MOST_DATES
from gbook.errors import UsageError
from gbook.profiles.model import Required

if TYPE_CHECKING:
    from gbook.timeutil.repeats import Repeat

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
    # How the series repeats of which it is the first date, and whether dates that are busy are left out.
    repeat: Repeat | None = None
    skip_busy: bool = False
    # Whether it is the first date of a series of which the item does not say how it repeats.
    is_of_series: bool = False


class _Item(msgspec.Struct, rename="camel"):
    """One item of an availability document."""

    start: str
    end: str | None = None
    group_xids: list[str] = []
    account_ids: list[str | int] = []
    dates: list[str] = []


class _Repeat(msgspec.Struct, rename="camel"):
    """How the slots of an availability document repeat."""

    frequency: Literal["daily", "weekly", "monthly"]
    count: Annotated[int, msgspec.Meta(ge=2, le=MOST_DATES)]
    interval: Annotated[int, msgspec.Meta(ge=1, le=LONGEST_INTERVAL)] = 1
    skip_busy: bool = False


class _AvailabilityDocument(msgspec.Struct, rename="camel"):
    """The parts of an availability document that a booking needs."""

    items: list[_Item]
    profile: str | msgspec.UnsetType | None = msgspec.UNSET
    required: Required | None = None
    repeat: _Repeat | None = None
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
        if document.repeat:
            slot = slot._replace(repeat=_repeat(document.repeat), skip_busy=document.repeat.skip_busy)
        if document.is_page:
            return slot
    elif item.dates:
        slot = slot._replace(is_of_series=True)
    return slot._replace(accounts=tuple(map(str, item.account_ids)), groups=tuple(item.group_xids))


def _repeat(read: _Repeat) -> Repeat:
    from gbook.timeutil.repeats import Repeat

    return Repeat(read.frequency, read.count, read.interval)


def _decode(data: bytes) -> tuple[_AvailabilityDocument | None, _Item | None]:
    """Return the document, if it is a whole one, and its first item. Raises UsageError."""
    try:
        if "items" not in msgspec.json.decode(data, type=dict[str, msgspec.Raw]):
            return None, msgspec.json.decode(data, type=_Item)
        document = msgspec.json.decode(data, type=_AvailabilityDocument)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"--slot -: stdin is not an availability document ({error})") from None
    return document, next(iter(document.items), None)
