"""The checks before an operation, in this order: host, limits, credentials, media type.

What fails is answered before the workspace is opened or a body is read.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import falcon

from gbook.clients.file import CredentialsFile
from gbook.clients.model import Credentials
from gbook.errors import InvalidFile
from gbook.service import log
from gbook.service.access.authentication import NOBODY, Identity, identify
from gbook.service.access.hosts import Hosts, Proxies, network_of
from gbook.service.access.origins import require_json, require_own_form
from gbook.service.problems import ApiError
from gbook.service.routes.route import Access, AnyRoute, routes_of
from gbook.service.throttle import Allowance, Limit, Throttle
from gbook.workspace.config import CONFIG_NAME
from gbook.workspace.serve import Serve

__all__ = ["AccessControl"]

MINUTE, DAY = 60, 86_400
PUBLIC_READS, PUBLIC_CHANGES = Limit(60, MINUTE), Limit(10, MINUTE)
PUBLIC_BOOKINGS = Limit(5, DAY)
FAILURES = Limit(10, MINUTE)
_UNTRUSTED = (
    "X-Forwarded-For is ignored, since its sender is not in serve.trustedProxies of gbook.yaml; if that is a "
    "proxy, all its clients share the limits of one address"
)


class AccessControl:
    """Middleware that lets a request pass, or ends it.

    `request.context` gets `network`, whom the limits concern, behind trusted proxies too; `identity`, who has
    proved to call; and `allowance`, how much someone without credentials may book.
    """

    def __init__(self, root: Path, serve: Serve, clock: Callable[[], int] = time.monotonic_ns) -> None:
        self._credentials = CredentialsFile(root)
        self._config_path = root / CONFIG_NAME
        self._base_url = serve.base_url
        self._hosts = Hosts(serve.base_url)
        self._proxies = Proxies(serve.trusted_proxies)
        self._reads = Throttle(PUBLIC_READS, clock)
        self._changes = Throttle(PUBLIC_CHANGES, clock)
        self._bookings = Throttle(PUBLIC_BOOKINGS, clock)
        self._failures = Throttle(FAILURES, clock)
        # Whether the log has said that a header is ignored: once, since any client can send it.
        self._is_noted = False

    def process_request(self, request: falcon.Request, response: falcon.Response) -> None:
        """Find the client's network, and check the Host header."""
        forwarded_for = request.get_header("X-Forwarded-For")
        if forwarded_for and not (self._is_noted or self._proxies.trusts(request.remote_addr)):
            self._is_noted = True
            log.notice(_UNTRUSTED)
        address = self._proxies.client_address(request.remote_addr, forwarded_for)
        request.context.network = network_of(address)
        request.context.identity = NOBODY
        request.context.allowance = Allowance()
        self._hosts.check(request.get_header("Host"), request.env["SERVER_PROTOCOL"])

    def process_resource(
        self, request: falcon.Request, response: falcon.Response, resource: Any, params: Any
    ) -> None:
        """Check limits or credentials, and the media type of a body."""
        route = routes_of(resource).get(request.method)
        if route is None:
            return
        if route.access in (Access.PUBLIC, Access.GUEST):
            self._take(route, request.context.network)
            request.context.allowance = Allowance(self._bookings, request.context.network)
        else:
            request.context.identity = self._identify(route, request)
        if route.method in ("POST", "PATCH"):
            self._check_body(route, request)

    def _check_body(self, route: AnyRoute, request: falcon.Request) -> None:
        """Check that no page of another site has sent a body. Raises ApiError."""
        if route.access is Access.GUEST:
            require_own_form(request, self._base_url)
        else:
            require_json(request)

    def _take(self, route: AnyRoute, network: str) -> None:
        (self._reads if route.method == "GET" else self._changes).take(network)

    def _known(self) -> Credentials:
        """Return who may call. Raises InvalidFile if the workspace is gone: then no credentials are wrong."""
        known = self._credentials.read()
        if not known.clients and not self._config_path.exists():
            raise InvalidFile(str(self._config_path), ["there is no such file"])
        return known

    def _identify(self, route: AnyRoute, request: falcon.Request) -> Identity:
        """Return who calls. Raises ApiError: 401, or 429 after too many wrong credentials.

        Right ones are never refused for the failures of others at their address, which may be that of a
        proxy: 256 bits are not guessed, however often one tries. A request without any is no failure: some
        HTTP clients send credentials only when they are asked.
        """
        try:
            return identify(request.auth, route.access, self._known())
        except ApiError:
            if request.auth is not None:
                self._failures.take(request.context.network)
            raise
