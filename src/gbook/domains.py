"""Internationalized domain names, in the form that every server takes, and e-mail addresses with them."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["ascii_domain", "canonical_address"]

_DOTS = re.compile(r"[.\u3002\uff0e\uff61]")


def ascii_domain(domain: str) -> str:
    """Return a domain in ASCII (RFC 5891 §4.4)."""
    return domain if domain.isascii() else ".".join(map(_ascii_label, _DOTS.split(domain)))


def canonical_address(address: str) -> str:
    """Return the form in which two spellings of an address are equal: lower case, the domain in ASCII."""
    local_part, at, domain = address.rpartition("@")
    # Not casefold(): strauß@ and strauss@ may be two people.
    return f"{local_part}{at}{ascii_domain(domain)}".lower()


def _ascii_label(label: str) -> str:
    # One letter at a time: lower() of a whole word would change its final sigma (UTS 46 §4).
    plain = unicodedata.normalize("NFKC", "".join(map(str.lower, unicodedata.normalize("NFKC", label))))
    if plain.isascii():
        return plain
    # Not Python's "idna" codec: it follows IDNA 2003, where straße.example is the domain strasse.example.
    return "xn--" + plain.encode("punycode").decode("ascii")
