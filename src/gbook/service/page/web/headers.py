"""The headers of a page: what a browser may do with it.

A page loads from its own site only, sends its forms there, and is in no frame of another site unless its
profile names the origin (Content Security Policy Level 3).
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["ANY_SITE", "page_headers"]

# The origins that may frame a page about an error whose profile is not known. It shows nothing of anyone, and
# without it a guest in a frame would see a blocked site, and not that it is time to wait.
ANY_SITE = ("*",)

_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors "
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "Vary": "Accept-Language, Accept-Encoding",
}


def page_headers(embed: Sequence[str] = (), *, private: bool = False) -> dict[str, str]:
    """Return the headers of a page that pages of the origins `embed` may show in a frame.

    What is free changes with each booking, so no copy is used without asking again; of a private page, such
    as one whose address has a token, none is kept.
    """
    return {
        **_HEADERS,
        "Content-Security-Policy": _POLICY + (" ".join(embed) or "'none'"),
        "Cache-Control": "no-store" if private else "no-cache",
    }
