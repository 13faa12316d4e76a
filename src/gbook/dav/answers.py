"""What the answers of a server mean: properties of collections, clocks, and answers that are not CalDAV's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gbook.dav.hrefs import as_collection
from gbook.dav.xml import Member, Multistatus, name_of, read_multistatus, text
from gbook.errors import InvalidFile

if TYPE_CHECKING:
    from gbook.dav.http import Response

__all__ = ["GONE", "LISTED", "invalid_answer", "is_a", "listed_token", "multistatus_of", "token_of"]

# A token that begins like this is a CTag: the server has no sync-collection, and everything is listed.
LISTED = "ctag:"
# Statuses of what does not exist, or no longer.
GONE = frozenset({404, 410})


def is_a(member: Member, kind: str) -> bool:
    """Return whether a resource is a `collection` or a `c:calendar` (RFC 4918 §15.9, RFC 4791 §4.2)."""
    types = member.properties.get("resourcetype")
    return types is not None and any(name_of(each) == kind for each in types)


def token_of(member: Member) -> str:
    """Return the token of a collection, which changes with its content; empty if it has none.

    It is its DAV:sync-token (RFC 6578 §4), or else what `listed_token` gives.
    """
    return text(member.properties.get("sync-token")) or listed_token(member)


def listed_token(member: Member) -> str:
    """Return the CTag of a collection, marked as one; empty if it has none."""
    ctag = text(member.properties.get("s:getctag"))
    return f"{LISTED}{ctag}" if ctag else ""


def multistatus_of(url: str, response: Response) -> Multistatus:
    """Return the multistatus with which a server answers about the collection `url`.

    Raises InvalidFile for another answer, and after a redirect: its names are those of another collection.
    """
    if response.status != 207:
        raise invalid_answer(response)
    if as_collection(response.url) != as_collection(url):
        raise InvalidFile(url, [f"has moved: change the url to {response.url}"])
    return read_multistatus(url, response.body)


def invalid_answer(response: Response) -> InvalidFile:
    """Return the error for an answer that is none of CalDAV: it says what came instead, and what to do."""
    status = response.status
    is_html = "html" in response.headers.get("content-type", "") or response.body.lstrip()[:1] == b"<"
    match status:
        case 404 | 410:
            problem = f"there is no such calendar on the server ({status})"
        case 403:
            problem = "the server does not allow this login to read it (403)"
        case _ if 200 <= status < 300 and is_html:
            problem = "the server answered with a page of HTML; the address is not one of a CalDAV calendar"
        case _:
            problem = f"the server answered {status}; the address is not one of a CalDAV calendar"
    return InvalidFile(response.url, [problem])
