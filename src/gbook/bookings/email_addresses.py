"""E-mail addresses whose domain is internationalized."""

from __future__ import annotations

from gbook.domains import ascii_domain

__all__ = ["canonical_address"]


def canonical_address(address: str) -> str:
    """Return the form in which two spellings of an address are equal: lower case, the domain in ASCII."""
    local_part, at, domain = address.rpartition("@")
    return f"{local_part}{at}{ascii_domain(domain)}".casefold()
