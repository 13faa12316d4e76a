"""Lists, which are sent in pages."""

from collections.abc import Sequence
from typing import Annotated, TypeVar

from msgspec import Meta

from gbook.service.wire.base import Limit, Number, Offset, WireModel
from gbook.service.wire.parameters import in_query

__all__ = ["Page", "PageQuery"]

T = TypeVar("T")


class PageQuery(WireModel, frozen=True, kw_only=True):
    """Which part of a list is asked for."""

    limit: Annotated[Limit, in_query, Meta(description="Page size.")] = 50
    offset: Annotated[Offset, in_query, Meta(description="Number of records to skip.")] = 0

    def cut(self, records: Sequence[T]) -> Sequence[T]:
        """Return the records of the page."""
        return records[self.offset : self.offset + self.limit]


class Page(WireModel, frozen=True, kw_only=True):
    """A part of a list; its classes add the `records`."""

    offset: Annotated[Offset, Meta(description="Number of records before these.")]
    total_size: Annotated[Number, Meta(description="Number of records in the whole list.")]
    done: Annotated[bool, Meta(description="Whether the list ends here.")]
