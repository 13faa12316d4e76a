"""What a screen answers with: a page, another address, or a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

__all__ = ["Answer", "Download", "Page", "Redirect"]


class Page(NamedTuple):
    """A template of templates/ and the values that it shows.

    `embed` are the origins whose pages may show it in a frame. A `private` page, such as one with a token in
    its address, is not kept by browsers and proxies.
    """

    template: str
    values: Mapping[str, Any]
    status: int = 200
    embed: Sequence[str] = ()
    private: bool = False


class Redirect(NamedTuple):
    """Another address of this site, to be fetched next (303, RFC 9110 §15.4.4)."""

    path: str


class Download(NamedTuple):
    """A file to keep; `name` is what the browser calls it."""

    data: bytes
    media_type: str
    name: str


Answer = Page | Redirect | Download
