"""A route of the booking page: an address, what it shows or takes, and who may ask."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from gbook.service.call import Scope
from gbook.service.page.web.answers import Answer
from gbook.service.page.web.visit import Visit
from gbook.service.routes.route import Access, Method

__all__ = ["PageRoute"]


class PageRoute(NamedTuple):
    """An address; its variables are in braces. GET changes nothing: scanners of mail fetch every link."""

    method: Method
    path: str
    screen: Callable[[Visit], Answer]
    access: Access = Access.GUEST

    @property
    def scope(self) -> Scope:
        """A guest books by public profiles only."""
        return Scope.PUBLIC
