"""The stylesheet and the script: read once, compressed once, kept by browsers until they change."""

from __future__ import annotations

import gzip
import re
from functools import cache
from hashlib import sha256
from pathlib import Path

import falcon

from gbook.service.page.web.compression import accepts_gzip

__all__ = ["StaticFile", "address_of"]

FOLDER = Path(__file__).parents[1] / "static"
MEDIA_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
# Its address changes with its content.
FOREVER = "public, max-age=31536000, immutable"


@cache
def _version(name: str) -> str:
    return sha256(_content(name)).hexdigest()[:16]


def _content(name: str) -> bytes:
    """Return a file as it is sent: a stylesheet without its comments and blanks, a fifth of it."""
    text = (FOLDER / name).read_text("utf-8")
    if name.endswith(".css"):
        text = re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL))
        text = re.sub(r" ?([{};,]) ?", r"\1", text).replace(";}", "}").strip()
    return text.encode()


def address_of(name: str) -> str:
    """Return the address of a file of static/: another one for another content."""
    return f"/b/{name}?v={_version(name)}"


class StaticFile:
    """A file of static/."""

    def __init__(self, name: str) -> None:
        self._data = _content(name)
        self._compressed = gzip.compress(self._data)
        self._media_type = MEDIA_TYPES[Path(name).suffix]

    def on_get(self, request: falcon.Request, response: falcon.Response) -> None:
        """Answer with the file, compressed if the browser understands that."""
        is_compressed = accepts_gzip(request)
        response.data = self._compressed if is_compressed else self._data
        response.content_type = self._media_type
        response.set_headers(
            {"Cache-Control": FOREVER, "Vary": "Accept-Encoding", "X-Content-Type-Options": "nosniff"}
        )
        if is_compressed:
            response.set_header("Content-Encoding", "gzip")
