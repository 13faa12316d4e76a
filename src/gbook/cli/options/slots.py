"""What `--slot` says: a time, a span, the first one, or a document on stdin."""

from __future__ import annotations

import sys
from typing import Annotated, Literal, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from gbook.cli.options.dates import typed_time
from gbook.engine.quorum import Required
from gbook.errors import UsageError
from gbook.scheduling.unavailable import SlotUnavailable

__all__ = ["Wanted", "read_document", "read_slot"]

# An availability document of 20 accounts over a year has less than this.
MAX_DOCUMENT = 64 << 20


class Wanted(NamedTuple):
    """A slot (instants; no start: the earliest), and what a document says beside it."""

    start: int | None
    end: int | None = None
    profile: str | None = None
    required: Required | None = None
    accounts: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


class _Item(msgspec.Struct, rename="camel"):
    """One item of an availability document."""

    start: str
    end: str | None = None
    group_xids: list[str] = []
    account_ids: list[str | int] = []


class _Whole(msgspec.Struct, rename="camel"):
    """An availability document."""

    items: list[_Item]
    profile: str | None = None
    required: Literal["one", "all"] | Annotated[int, msgspec.Meta(ge=1)] | None = None
    offset: int = 0
    done: bool = True

    @property
    def is_page(self) -> bool:
        """Whether its items name only some of the members that were asked for."""
        return self.offset > 0 or not self.done


def read_slot(text: str, zone: ZoneInfo, now: int) -> Wanted:
    """A time (without an offset: in `zone`), `START/END`, or `first`. Raises UsageError."""
    if text == "first":
        return Wanted(None)
    first, slash, last = text.partition("/")
    start, end = typed_time(first, zone, now), typed_time(last, zone, now) if slash else None
    if end is not None and end <= start:
        raise UsageError(f"--slot: the end, {last}, does not lie after the start, {first}")
    return Wanted(start, end)


def read_document(zone: ZoneInfo, now: int) -> Wanted:
    """The first item of the availability document on stdin, or the item that stands there alone.

    Raises UsageError for anything else, SlotUnavailable for a document without slots.
    """
    data = sys.stdin.buffer.read(MAX_DOCUMENT)
    try:
        found = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
        whole = msgspec.json.decode(data, type=_Whole) if "items" in found else None
        item = msgspec.json.decode(data, type=_Item) if whole is None else next(iter(whole.items), None)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"--slot -: stdin is no availability document ({error})") from None
    if item is None:
        raise SlotUnavailable("--slot -: the availability document has no slots")
    slot = read_slot(item.start if item.end is None else f"{item.start}/{item.end}", zone, now)
    if whole:
        slot = slot._replace(profile=whole.profile, required=whole.required)
        if whole.is_page:
            return slot
    return slot._replace(
        accounts=tuple(map(str, item.account_ids)),
        groups=tuple(item.group_xids),
    )
