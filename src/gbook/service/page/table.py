"""The table of the pages, from which their routing and tests come."""

from __future__ import annotations

from gbook.service.page.route import PageRoute
from gbook.service.page.screens.book import book_time
from gbook.service.page.screens.booking import cancel_booking, download_booking, show_booking
from gbook.service.page.screens.index import show_index, show_start
from gbook.service.page.screens.mine import compare
from gbook.service.page.screens.team import show_team
from gbook.service.page.screens.times import show_times
from gbook.service.routes.route import Access

__all__ = ["PAGES"]

PAGES: tuple[PageRoute, ...] = (
    PageRoute("GET", "/", show_start),
    PageRoute("GET", "/b", show_start),
    PageRoute("GET", "/b/", show_index),
    PageRoute("GET", "/b/{name}", show_times),
    PageRoute("POST", "/b/{name}/mine", compare),
    PageRoute("GET", "/team", show_team, Access.CLIENT),
    PageRoute("POST", "/b/{name}", book_time, books=True),
    PageRoute("GET", "/b/booking/{token}", show_booking),
    PageRoute("GET", "/b/booking/{token}.ics", download_booking),
    PageRoute("POST", "/b/booking/{token}/cancel", cancel_booking),
)
