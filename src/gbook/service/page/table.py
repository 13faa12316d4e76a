"""The table of the pages, from which their routing and tests come."""

from __future__ import annotations

from gbook.service.page.screens.booking import cancel_booking, download_booking, show_booking
from gbook.service.page.screens.confirm import confirm_time, show_confirmation
from gbook.service.page.screens.held import release_time, send_mail_again
from gbook.service.page.screens.index import show_index, show_start
from gbook.service.page.screens.meeting import show_meeting, take_form
from gbook.service.page.screens.mine import compare
from gbook.service.page.screens.offer import show_offer, take_offered
from gbook.service.page.screens.team import show_team
from gbook.service.page.web.route import PageRoute
from gbook.service.routes.route import Access

__all__ = ["PAGES"]

PAGES: tuple[PageRoute, ...] = (
    PageRoute("GET", "/", show_start),
    PageRoute("GET", "/b", show_start),
    PageRoute("GET", "/b/", show_index),
    PageRoute("GET", "/b/{name}", show_meeting),
    PageRoute("POST", "/b/{name}/mine", compare),
    PageRoute("GET", "/team", show_team, Access.CLIENT),
    PageRoute("POST", "/b/{name}", take_form),
    PageRoute("GET", "/b/booking/{token}", show_booking),
    PageRoute("GET", "/b/booking/{token}.ics", download_booking),
    PageRoute("POST", "/b/booking/{token}/cancel", cancel_booking),
    PageRoute("POST", "/b/booking/{token}/mail", send_mail_again),
    PageRoute("POST", "/b/booking/{token}/release", release_time),
    PageRoute("GET", "/b/confirm/{token}", show_confirmation),
    PageRoute("POST", "/b/confirm/{token}", confirm_time),
    PageRoute("GET", "/b/offer/{token}", show_offer),
    PageRoute("POST", "/b/offer/{token}", take_offered),
)
