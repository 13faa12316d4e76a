"""The XML of WebDAV (RFC 4918), CalDAV (RFC 4791) and sync-collection (RFC 6578): requests and multistatus.

Names of elements have the prefixes of `NAMESPACES` here: `getetag`, `c:calendar-data`, `s:getctag`. An answer
with a document type is refused, so that none has entities of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser
from xml.sax.saxutils import escape

from gbook.errors import InvalidFile

__all__ = [
    "MAX_NAMES",
    "Member",
    "Multistatus",
    "multiget",
    "name_of",
    "precondition",
    "propfind",
    "read_multistatus",
    "sync_collection",
    "text",
]

# The most resources that an answer may list.
MAX_NAMES = 1_000_000

NAMESPACES = {
    "": "DAV:",
    "c": "urn:ietf:params:xml:ns:caldav",
    "s": "http://calendarserver.org/ns/",
    "i": "http://apple.com/ns/ical/",
}
_PREFIXES = {uri: f"{prefix}:" if prefix else "" for prefix, uri in NAMESPACES.items()}
_DECLARED = " ".join(
    f'xmlns:{prefix}="{uri}"' if prefix else f'xmlns="{uri}"' for prefix, uri in NAMESPACES.items()
)


class Member(NamedTuple):
    """One DAV:response (RFC 4918 §14.24).

    `status` is that of the resource, 200 if the answer gives properties of it; `properties` has those that
    were found, by name; `error` is the name of a DAV:error, or empty.
    """

    href: str
    status: int
    properties: Mapping[str, Element]
    error: str


class Multistatus(NamedTuple):
    """A DAV:multistatus (RFC 4918 §14.16); `token` is its DAV:sync-token (RFC 6578 §6.2), or empty."""

    members: list[Member]
    token: str


def propfind(names: Iterable[str]) -> bytes:
    """Return a request for these properties (RFC 4918 §9.1)."""
    return _request("propfind", _properties(names))


def sync_collection(token: str, names: Iterable[str]) -> bytes:
    """Return a request for what has changed since `token`, or for everything if it is empty (RFC 6578 §3.2).

    It asks for no limit: a server may then leave changes out without saying so.
    """
    state = f"<sync-token>{escape(token)}</sync-token><sync-level>1</sync-level>"
    return _request("sync-collection", state + _properties(names))


def multiget(hrefs: Iterable[str]) -> bytes:
    """Return a request for the ETag and content of each resource (RFC 4791 §7.9)."""
    listed = "".join(f"<href>{escape(href)}</href>" for href in hrefs)
    return _request("c:calendar-multiget", _properties(("getetag", "c:calendar-data")) + listed)


def _request(root: str, content: str) -> bytes:
    return f'<?xml version="1.0" encoding="utf-8"?>\n<{root} {_DECLARED}>{content}</{root}>'.encode()


def _properties(names: Iterable[str]) -> str:
    return f"<prop>{''.join(f'<{name}/>' for name in names)}</prop>"


def read_multistatus(url: str, body: bytes) -> Multistatus:
    """Read the answer to a request about `url`. Raises InvalidFile unless it is a whole multistatus."""
    try:
        root = _parse(body)
        if name_of(root) != "multistatus":
            raise ValueError(f"expected a DAV:multistatus, found {name_of(root)[:40]}")
        responses = [child for child in root if name_of(child) == "response"]
        if len(responses) > MAX_NAMES:
            raise ValueError(f"lists more than {MAX_NAMES:,} resources")
        token = root.find("{DAV:}sync-token")
        return Multistatus([_member(response) for response in responses], text(token))
    except ValueError as error:
        raise InvalidFile(url, [f"the server's answer is not valid: {error}"]) from None


def precondition(body: bytes) -> str:
    """Return the name of the condition that failed by a DAV:error (RFC 4918 §16), or an empty string."""
    try:
        root = _parse(body)
    except ValueError:
        return ""
    return _first_name(root) if name_of(root) == "error" else ""


def text(element: Element | None) -> str:
    """Return the text of an element without surrounding blanks; of none, an empty string."""
    return "" if element is None else (element.text or "").strip()


class _Builder(TreeBuilder):
    """Builds the tree, and refuses a document type: only that can declare entities."""

    def doctype(self, name: str, pubid: str, system: str) -> None:
        raise ValueError("it has a document type (DOCTYPE), as HTML has")


def _parse(body: bytes) -> Element:
    """Return the root of a document. Raises ValueError unless it is whole."""
    parser = XMLParser(target=_Builder())  # noqa: S314 - refuses what declares entities
    try:
        parser.feed(body)
        root: Element = parser.close()
    except (ParseError, LookupError) as error:
        raise ValueError(f"it is cut off or not XML ({error})") from None
    return root


def _member(response: Element) -> Member:
    status = response.find("{DAV:}status")
    properties = {name_of(each): each for each in _found(response)}
    error = response.find("{DAV:}error")
    return Member(
        href=text(response.find("{DAV:}href")),
        status=200 if status is None else _code(status),
        properties=properties,
        error="" if error is None else _first_name(error),
    )


def _found(response: Element) -> Iterator[Element]:
    """Yield the properties that the server has found."""
    for group in response.findall("{DAV:}propstat"):
        if _code(group.find("{DAV:}status")) == 200:
            for each in group.findall("{DAV:}prop"):
                yield from each


def _code(status: Element | None) -> int:
    """Return the number in `HTTP/1.1 200 OK` (RFC 9112 §4). Raises ValueError."""
    words = text(status).split(maxsplit=2)
    if len(words) < 2 or not (words[1].isascii() and words[1].isdecimal()):
        raise ValueError(f"it has a status {text(status)[:40]!r}")
    return int(words[1])


def _first_name(element: Element) -> str:
    return name_of(element[0])[:80] if len(element) else ""


def name_of(element: Element) -> str:
    """Return the name of an element with its prefix; of another namespace, with a question mark."""
    uri, _, name = element.tag.rpartition("}")
    return f"{_PREFIXES.get(uri[1:], '?:')}{name}"
