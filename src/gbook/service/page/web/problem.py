"""Errors as pages: what has happened, what has not, and what a guest can do; never anything private."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote

from babel import Locale

from gbook.service.page.web.rendering import render
from gbook.service.page.web.visit import KEPT, address
from gbook.service.problems import ApiError
from gbook.timeutil.instants import now

__all__ = ["Failed", "problem_page"]

# Ends of addresses that take a form of the page before them.
_ACTIONS = ("/cancel", "/mail", "/mine", "/release")


class Failed(NamedTuple):
    """A request that failed: its address, and the number by which the log knows it."""

    method: str
    path: str
    query: Mapping[str, str]
    request_id: str

    @property
    def is_sent(self) -> bool:
        """Whether a form was sent; what it was about has then not happened."""
        return self.method == "POST"

    def can_be_sent_again(self, code: str) -> bool:
        """Return whether a form was sent that may be taken later: to a page that is there."""
        return self.is_sent and code not in ("not_found", "method_not_allowed")

    @property
    def again(self) -> str:
        """The address of the page that failed, or of the form that was sent."""
        if not self.is_sent:
            return address(_quoted(self.path), self.query, {})
        path = self.path
        for action in _ACTIONS:
            path = path.removesuffix(action)
        kept = {name: self.query[name] for name in KEPT if name in self.query}
        return address(_quoted(path), kept, {})


def _quoted(path: str) -> str:
    return quote(path, errors="replace")


def problem_page(problem: ApiError, failed: Failed, locale: Locale) -> str:
    """Return the page about an error in the language of a locale."""
    wait = problem.headers.get("Retry-After")
    values = {
        "code": problem.code,
        "wait": int(wait) if wait else None,
        "failed": failed,
        "is_ours": problem.status >= 500,
        "is_for_team": failed.path.startswith("/team"),
    }
    return render("problem.html", locale, now(), values)
