"""Lists, which are sent in pages."""

from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any, TypeVar

from msgspec import Meta

from gbook.service.wire.base import Limit, Number, Offset, WireModel
from gbook.service.wire.parameters import in_query

__all__ = ["Page", "PageQuery"]

T = TypeVar("T")
AnyPage = TypeVar("AnyPage", bound="Page")


class PageQuery(WireModel, frozen=True, kw_only=True):
    """Which part of a list is asked for."""

    limit: Annotated[Limit, in_query, Meta(description="Page size.")] = 50
    offset: Annotated[Offset, in_query, Meta(description="Number of records to skip.")] = 0

    def page_of(
        self, kind: Callable[..., AnyPage], items: Sequence[T], show: Callable[[Sequence[T]], Iterable[Any]]
    ) -> AnyPage:
        """Return the page of a list, of a class of pages; `show` gives the records of the items in it."""
        shown = items[self.offset : self.offset + self.limit]
        done = self.offset + len(shown) >= len(items)
        return kind(offset=self.offset, total_size=len(items), done=done, records=tuple(show(shown)))


class Page(WireModel, frozen=True, kw_only=True):
    """A part of a list; its classes add the `records`."""

    offset: Annotated[Offset, Meta(description="Number of records before these.")]
    total_size: Annotated[Number, Meta(description="Number of records in the whole list.")]
    done: Annotated[bool, Meta(description="Whether the list ends here.")]
