"""A route: one operation of the API, where it is, who may call it, what it takes and gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Literal, NamedTuple, Protocol

from gbook.service.call import Call, Scope

__all__ = ["Access", "AnyRoute", "Method", "Route", "routes_of"]

Method = Literal["GET", "POST", "PATCH", "DELETE"]


class Access(Enum):
    """Who may call an operation."""

    # A client, with its id and secret (RFC 7617).
    CLIENT = "client"
    # The same, or an account with its bearer token (RFC 6750).
    CLIENT_OR_ACCOUNT = "client or account"
    ACCOUNT = "account"
    # Anyone, within the limits of public requests.
    PUBLIC = "public"
    # A guest in a browser, within the same limits: forms are taken from the page itself only.
    GUEST = "guest"


class AnyRoute(Protocol):
    """A route of the API or of the booking page."""

    @property
    def method(self) -> Method: ...
    @property
    def path(self) -> str: ...
    @property
    def access(self) -> Access: ...
    @property
    def scope(self) -> Scope: ...


class Route(NamedTuple):
    """An operation. `query` and `body` are the models of what it takes, `answer` that of what it gives.

    The variables of `path` are in braces. The first tag is the section of the reference.
    """

    operation_id: str
    method: Method
    path: str
    access: Access
    summary: str
    handler: Callable[[Call], Any]
    answer: type
    query: type | None = None
    body: type | None = None
    tags: tuple[str, ...] = ()
    scope: Scope = Scope.GROUP


def routes_of(resource: object) -> Mapping[str, AnyRoute]:
    """Return the routes at a path by their methods; none for what is no operation, such as /healthz."""
    routes: Mapping[str, AnyRoute] = getattr(resource, "routes", {})
    return routes
