"""Domains beyond ASCII."""

from __future__ import annotations

import pytest

from gbook.domains import ascii_domain, canonical_address


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("example.org", "example.org"),
        ("Example.ORG", "Example.ORG"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("bu\u0308cher.example", "xn--bcher-kva.example"),
        ("straße.de", "xn--strae-oqa.de"),
        ("παράδειγμα。δοκιμή", "xn--hxajbheg2az3al.xn--jxalpdlp"),
        ("例え.テスト", "xn--r8jz45g.xn--zckzah"),
        ("\uff45xample\uff0eorg", "example.org"),
        ("ﬁrma.example", "firma.example"),
    ],
)
def test_a_domain_is_converted_to_ascii(domain: str, expected: str) -> None:
    """By RFC 5891: ß is kept, width and composition are normalised."""
    assert ascii_domain(domain) == expected


def test_a_last_sigma_is_no_letter_of_its_own() -> None:
    """In capitals there is one sigma only (UTS 46)."""
    assert ascii_domain("ΟΔΟΣ.example") == ascii_domain("οδοσ.example") != ascii_domain("οδος.example")


def test_two_spellings_of_one_address() -> None:
    """Case and form of the domain make no difference."""
    assert canonical_address("Zoe@BÜCHER.example") == canonical_address("zoe@xn--bcher-kva.EXAMPLE")
    assert canonical_address("zoe@bücher.example") != canonical_address("zoé@bücher.example")
    assert canonical_address("strauß@example.org") != canonical_address("strauss@example.org")
