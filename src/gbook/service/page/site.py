"""From a request for a page to its screen, and from the screen's answer to HTML."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import partial

import falcon
from babel import Locale

from gbook.service.call import Call, Later, OpenWorkspace
from gbook.service.page.language.languages import locale_of
from gbook.service.page.table import PAGES
from gbook.service.page.views.profiles import embed_of
from gbook.service.page.web.answers import Answer, Download, Page, Redirect
from gbook.service.page.web.compression import accepts_gzip, compress
from gbook.service.page.web.forms import NO_FORM, read_form
from gbook.service.page.web.headers import ANY_SITE, page_headers
from gbook.service.page.web.problem import Failed, problem_page
from gbook.service.page.web.rendering import render
from gbook.service.page.web.route import PageRoute
from gbook.service.page.web.static import StaticFile
from gbook.service.page.web.theme import TeamColors
from gbook.service.page.web.visit import Visit
from gbook.service.problems import ApiError
from gbook.service.resource import add_routes, if_not_done

__all__ = ["add_pages", "is_page", "takes_file", "write_problem"]

# No value of an address is longer: the mask of a calendar is the longest.
MOST_VALUE = 4000
_PATHS = ("/", "/b", "/team")


def add_pages(
    app: falcon.App[falcon.Request, falcon.Response], open_workspace: OpenWorkspace, later: Later | None
) -> None:
    """Add the pages and what they load to an application."""
    add_routes(app, PAGES, _respond, open_workspace, later)
    for name in ("page.css", "page.js"):
        app.add_route(f"/b/{name}", StaticFile(name))
    app.add_route("/b/theme.css", TeamColors(open_workspace))
    app.add_route("/favicon.ico", _NoIcon())


def is_page(path: str) -> bool:
    """Return whether an address is one of the pages, of which errors too are pages."""
    return path in _PATHS or path.startswith("/b/")


def takes_file(path: str) -> bool:
    """Return whether the forms that are sent to an address have a file: a guest's own calendar."""
    return path.startswith("/b/") and path.endswith("/mine")


def _respond(route: PageRoute, call: Call, request: falcon.Request, response: falcon.Response) -> None:
    """Answer with what the screen returns.

    If it fails after its change was made, the page says so: a guest who sees an error tries again.
    """
    # A page about an error is in the same frame.
    request.context.embed = embed_of(call)
    query = _query(request)
    visit = Visit(
        call=call,
        locale=_locale(request, query),
        clock=time.time(),
        query=query,
        form=read_form(request) if route.method == "POST" else NO_FORM,
    )
    answer = if_not_done(partial(route.screen, visit), request.context.request_id)
    _write(response, visit, answer or Page("committed.html", {}, private=True))
    if isinstance(answer, Page) and not answer.private and accepts_gzip(request):
        compress(response)


def _locale(request: falcon.Request, query: Mapping[str, str]) -> Locale:
    return locale_of(query.get("lang"), request.get_header("Accept-Language"))


def _query(request: falcon.Request) -> Mapping[str, str]:
    """Return the parameters of an address; of one that is given several times the first.

    Pages repeat them in their links and forms, so those with control characters are left out.
    """
    singles = {name: value if isinstance(value, str) else value[0] for name, value in request.params.items()}
    return {
        name: value for name, value in singles.items() if len(value) <= MOST_VALUE and value.isprintable()
    }


def _write(response: falcon.Response, visit: Visit, answer: Answer) -> None:
    if isinstance(answer, Redirect):
        response.status, response.location = 303, answer.path
        response.set_headers(page_headers(private=True))
    elif isinstance(answer, Download):
        response.data, response.content_type = answer.data, answer.media_type
        response.downloadable_as = answer.name
        response.set_headers(page_headers(private=True))
    else:
        _write_page(response, visit, answer)


def _write_page(response: falcon.Response, visit: Visit, page: Page) -> None:
    response.status = page.status
    response.content_type = falcon.MEDIA_HTML
    values = {"visit": visit, **page.values}
    response.data = render(page.template, visit.locale, visit.call.now, values).encode()
    response.set_headers(page_headers(page.embed, private=page.private))


def write_problem(request: falcon.Request, response: falcon.Response, problem: ApiError) -> None:
    """Answer with a page that says what a guest can do about an error."""
    response.status = problem.status
    response.content_type = falcon.MEDIA_HTML
    query = _query(request)
    failed = Failed(request.method, request.path, query, request.context.request_id)
    response.text = problem_page(problem, failed, _locale(request, query))
    embed = getattr(request.context, "embed", ANY_SITE)
    response.set_headers({**page_headers(embed, private=True), **problem.headers})


class _NoIcon:
    """The icon, which browsers ask for by themselves: there is none."""

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        response.status = falcon.HTTP_204
