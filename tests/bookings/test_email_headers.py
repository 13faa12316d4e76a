"""Mail headers as other programs read them: every recipient apart, every name as it was."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.header import decode_header, make_header
from email.headerregistry import Address
from email.message import EmailMessage
from itertools import product

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.examples import scaled

from gbook.bookings.email_headers import mail_policy
from gbook.yamlfiles.field_types import read_email

NAMES = [
    *("", "Ann", "Søren Müller", "O'Neill, Pat", 'Kim "K" Lee', "a@example.com, b", "back\\slash"),
    *("漢字 かな", "=?utf-8?q?x?=", "Müller, Jörg <boss@example.com>", "Dr. Ann (Chair)"),
    "boss@example.com, the one and only, really and truly, cross my heart and hope",
    "Дарья Ивановна Преображенская-Воскресенская, из отдела кадров",
]
MAILBOXES = [
    "a@example.net",
    "jorg.weiss@example.org",
    "a.very.long.local.part.of.an.address@sub.domain.example.org",
]


def written(people: list[tuple[str, str]]) -> str:
    """The To header of a message to people, as its bytes have it, unfolded."""
    mail = EmailMessage(mail_policy(plain=True))
    mail["To"] = [Address(name, *email.split("@")) for name, email in people]
    mail.set_content("x")
    head = mail.as_bytes().split(b"\r\n\r\n")[0].decode("ascii")
    assert all(len(line) <= 78 for line in head.split("\r\n"))
    found = re.search(r"(?m)^To: ([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)", head)
    assert found
    return found[1].replace("\r\n", "")


def mailboxes(header: str) -> list[str]:
    """The addresses of a header, split at commas outside quotes and angle brackets (RFC 5322 §3.4)."""
    outside = re.sub(r'"(?:[^"\\]|\\.)*"', "", header)
    return [re.sub(r".*<|>.*", "", one).strip() for one in re.split(r",(?![^<]*>)", outside)]


@pytest.mark.parametrize("first", NAMES)
def test_recipients_stay_apart(first: str) -> None:
    """However the header folds, there are as many recipients as there were."""
    for second, one, other in product(NAMES, MAILBOXES, MAILBOXES):
        assert mailboxes(written([(first, one), (second, other)])) == [one, other]


@settings(max_examples=scaled(50), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=80),
        min_size=1,
        max_size=4,
    )
)
def test_recipients_of_any_name_stay_apart(names: list[str]) -> None:
    """A display name is never read as an address."""
    people = [(name, f"p{i}@example.org") for i, name in enumerate(names)]
    assert mailboxes(written(people)) == [email for _, email in people]


SIGNS = st.sampled_from(".@\"'+=?(-")


@settings(max_examples=scaled(200), deadline=None)
@given(
    st.text(st.characters(codec="ascii") | SIGNS, max_size=6), st.text(st.characters() | SIGNS, max_size=6)
)
@example("a..b", "example.org")
@example("a", "example.org.")
def test_an_address_that_gbook_takes_is_one_to_mail_programs(local_part: str, domain: str) -> None:
    """Python's own parser is a strict one; it takes no letters beyond ASCII before the @."""
    address = f"{local_part}@{domain}"
    try:
        read_email(address)
    except ValueError:
        return
    assert Address(addr_spec=address).addr_spec == address


@settings(max_examples=scaled(200), deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]), max_size=200))
@example("a =?utf-8?q?evil?= b")
@example("x =?utf-8?q?a=0D=0ABcc:_eve=40example.net?= ü")
@example("=?utf-8?b?=?=")
@example("x" * 2000)
@example("Invitation: " + "ü" * 2000)
@example("long words " * 100)
def test_a_subject_arrives_as_it_was(text: str) -> None:
    """Whatever is in it; no line is too long, and no other header comes of it."""
    subject = " ".join(text.split())
    mail = EmailMessage(mail_policy(plain=True))
    mail["Subject"] = subject
    mail.set_content("x")
    data = mail.as_bytes()
    head = data.split(b"\r\n\r\n")[0].decode("ascii")
    assert all(len(line) <= 80 for line in head.split("\r\n"))
    read = message_from_bytes(data)
    assert set(read.keys()) == {"Subject", "Content-Type", "Content-Transfer-Encoding", "MIME-Version"}
    assert str(make_header(decode_header(read["Subject"]))).replace("\r\n", "") == subject
