"""The list of public meetings."""

from __future__ import annotations

from gbook.service.page.answers import Answer, Page, Redirect
from gbook.service.page.visit import Visit

__all__ = ["show_index", "show_start"]


def show_start(visit: Visit) -> Answer:
    """Send whoever asks for the root of the site to the list."""
    return Redirect("/b/")


def show_index(visit: Visit) -> Answer:
    """Show the public profiles, each with its first free day."""
    return Page("index.html", {"profiles": ()})
