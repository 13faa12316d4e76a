"""The hrefs in a server's answers (RFC 4918 §8.3), and the addresses of the resources that they name.

An href may be a path or a URL, and a server may encode characters that another one does not: they are
compared by their segments, decoded.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import quote, unquote

from gbook.errors import InvalidFile
from gbook.urls import Url, parse_url

__all__ = ["absolute", "as_collection", "member_name", "member_path", "member_url", "path_of"]

# Most names: nothing in them is encoded, and they are not `.` or `..`.
_PLAIN = re.compile(r"[\w-][\w.~@=+-]*", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def as_collection(url: str) -> str:
    """Return the address of a collection, which ends with a slash. Raises InvalidFile if it is none."""
    try:
        parsed = parse_url(url)
    except ValueError as error:
        raise InvalidFile(url[:80], [str(error)]) from None
    path = parsed.target.partition("?")[0]
    return str(parsed._replace(target=f"{path.rstrip('/')}/"))


@lru_cache(maxsize=8)
def path_of(url: str) -> str:
    """Return the path of a collection or resource, encoded as requests name it."""
    return parse_url(url).target


def absolute(base: str, href: str) -> Url:
    """Return the address that an href in an answer about `base` means. Raises InvalidFile if it is none."""
    try:
        if not href:
            raise ValueError
        # Some servers do not encode blanks.
        return parse_url(base).join(href.replace(" ", "%20"))
    except ValueError:
        raise InvalidFile(base, [f"the server's answer has an invalid address: {href[:80]!r}"]) from None


def member_url(collection: str, name: str) -> str:
    """Return the address of a resource in a collection."""
    return collection + quote(name, safe="")


def member_path(collection: str, name: str) -> str:
    """Return the path of a resource in a collection, as an href names it."""
    return path_of(collection) + quote(name, safe="")


def member_name(collection: str, href: str) -> str | None:
    """Return the name of the resource in `collection` that an href of its answer means.

    None if it is the collection itself, or a collection inside it, which holds no events of this one
    (RFC 4791 §4.2). Raises InvalidFile for an address outside, or a name that cannot be one.
    """
    path = path_of(collection)
    if href.startswith(path) and _PLAIN.fullmatch(href, len(path)):
        return href[len(path) :]
    url = absolute(collection, href)
    segments, folder = _segments(url), _segments(parse_url(collection))[:-1]
    is_inside = url.origin == parse_url(collection).origin and segments[: len(folder)] == folder
    names = segments[len(folder) :]
    if is_inside and len(names) <= 2 and names[-1:] in ([], [""]):
        return None
    if not is_inside or len(names) != 1 or names[0] in (".", "..") or _CONTROL.search(names[0]):
        problem = f"the server's answer names {href[:80]!r}, which is not in this calendar"
        raise InvalidFile(collection, [problem])
    return names[0]


def _segments(url: Url) -> list[str]:
    """Return the decoded segments of a path. Raises InvalidFile if they are not UTF-8."""
    try:
        return [unquote(segment, errors="strict") for segment in url.target.partition("?")[0].split("/")]
    except UnicodeDecodeError:
        raise InvalidFile(str(url), ["the address is not encoded as UTF-8"]) from None
