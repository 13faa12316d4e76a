"""The routes at one path, as falcon calls them, of the API and of the booking page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import Generic, TypeVar

import falcon

from gbook.committed import recording
from gbook.errors import GbookError
from gbook.service import log
from gbook.service.access.authentication import caller_of
from gbook.service.call import Call, Later, OpenWorkspace
from gbook.service.routes.route import AnyRoute
from gbook.timeutil.instants import now

__all__ = ["Respond", "add_routes", "if_not_done"]

R = TypeVar("R", bound=AnyRoute)
A = TypeVar("A")
# Answers the call of a route, while its workspace is open.
Respond = Callable[[R, Call, falcon.Request, falcon.Response], None]


def add_routes(
    app: falcon.App[falcon.Request, falcon.Response],
    routes: Iterable[R],
    respond: Respond[R],
    open_workspace: OpenWorkspace,
    later: Later | None,
) -> None:
    """Add routes to an application; `respond` answers each call."""
    for path, at_path in groupby(sorted(routes, key=attrgetter("path")), key=attrgetter("path")):
        app.add_route(
            path, _Resource({route.method: route for route in at_path}, respond, open_workspace, later)
        )


class _Resource(Generic[R]):
    """The routes at one path by their methods, with `on_get`, `on_post` and so on."""

    def __init__(
        self,
        routes: Mapping[str, R],
        respond: Respond[R],
        open_workspace: OpenWorkspace,
        later: Later | None,
    ) -> None:
        self.routes = routes
        self._respond = respond
        self._open_workspace = open_workspace
        self._later = later
        for method, route in routes.items():
            setattr(self, f"on_{method.lower()}", partial(self._call, route))

    def _call(self, route: R, request: falcon.Request, response: falcon.Response, **path: str) -> None:
        with self._open_workspace() as workspace:
            caller = caller_of(request.context.identity, route.access, workspace.accounts)
            request.context.caller = caller.logged
            call = Call(
                workspace=workspace,
                now=now(),
                scope=route.scope,
                caller=caller,
                path=path,
                allowance=request.context.allowance,
                run_later=self._later,
            )
            self._respond(route, call, request, response)


def if_not_done(run: Callable[[], A], request_id: str) -> A | None:
    """Return what `run` returns; None if it fails after its change was made, which the log tells.

    An error would make the client try again. Raises what `run` raises before that.
    """
    with recording() as changes:
        try:
            return run()
        except Exception as error:
            if not changes and not (isinstance(error, GbookError) and error.details.get("committed")):
                raise
            log.bug(error, request_id)
            return None
