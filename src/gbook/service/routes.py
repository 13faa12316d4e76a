"""The table of routes, from which come routing, the OpenAPI document, the reference in docs/ and tests."""

from __future__ import annotations

from gbook.service.route import Route

__all__ = ["ROUTES"]

ROUTES: tuple[Route, ...] = ()
