"""The team's own page, for those who sign in as a client: today, the links to copy, what is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from gbook.checks.report import Finding
from gbook.checks.run import check_workspace, is_quick_to_check
from gbook.service.page.views.team_day import read_day
from gbook.service.page.web.answers import Answer, Page
from gbook.service.page.web.links import times_path
from gbook.service.page.web.visit import Visit

__all__ = ["show_team"]

MOST_FINDINGS = 50


class Link(NamedTuple):
    """A profile, and the address of its page if it is public."""

    name: str
    title: str
    address: str | None


def show_team(visit: Visit) -> Answer:
    """Show the bookings of today, the reservations that wait, the links, and what the check says.

    A check that takes long is made only if it is asked for.
    """
    workspace = visit.call.workspace
    is_checked = "check" in visit.query or is_quick_to_check(workspace)
    links = [*_links(visit)]
    values = {
        "day": read_day(visit.call),
        "zone": workspace.zone,
        "now": visit.call.now,
        "links": [link for link in links if link.address],
        "private": [link for link in links if not link.address],
        "base_url": workspace.config.serve.base_url,
        "findings": _findings(visit) if is_checked else None,
        "most": MOST_FINDINGS,
    }
    return Page("team.html", values, private=True)


def _links(visit: Visit) -> Iterator[Link]:
    """Yield the profiles by name; one that is invalid is among the findings of the check."""
    base_url = visit.call.workspace.config.serve.base_url
    for profile in visit.call.profiles.valid():
        own = times_path(profile.name) if profile.public else None
        yield Link(profile.name, profile.display_name, profile.scheduler_link(base_url) or own)


def _findings(visit: Visit) -> Sequence[Finding]:
    workspace = visit.call.workspace
    return check_workspace(workspace.root, workspace.cache, visit.call.now, asking=workspace.asking).findings
