"""Mail headers, written so that all servers and mail programs read them in the same way.

Python's own folding of addresses (3.11 to 3.14) puts commas into encoded words and drops the quotes of long
names: two recipients become one, or one becomes two. Here every mailbox has a line of its own, and lines
break only between mailboxes or between encoded words (RFC 5322 §3.4, RFC 2047 §5).
"""

from __future__ import annotations

import re
from email.header import Header
from email.headerregistry import Address, HeaderRegistry, UniqueAddressHeader, UniqueUnstructuredHeader
from email.policy import SMTP, SMTPUTF8
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from email.message import EmailMessage
    from email.policy import EmailPolicy, Policy

__all__ = ["mail_policy"]

# A longer name is written as encoded words, which may be folded.
MAX_QUOTED = 60
# A longer word of a subject is encoded too: a line has at most 998 characters (RFC 5322 §2.1.1).
MAX_WORD = 70
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")


def mail_policy(*, plain: bool) -> EmailPolicy[EmailMessage]:
    """Return the policy for a message: all in ASCII if `plain`, else with UTF-8 addresses (RFC 6531)."""
    headers = HeaderRegistry()
    # The registry itself makes each a BaseHeader too.
    headers.map_to_type("subject", _Subject)  # type: ignore[arg-type]
    for name in ("from", "to", "reply-to"):
        headers.map_to_type(name, _Mailboxes)  # type: ignore[arg-type]
    return (SMTP if plain else SMTPUTF8).clone(cte_type="7bit", header_factory=headers)


class _Subject(UniqueUnstructuredHeader):
    """A subject. Python's own folding (3.11) loses a space between two encoded words; `Header` does not."""

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any]) -> None:
        """Keep the text as it is: Python would decode anything that looks like an encoded word."""
        kwds["parse_tree"], kwds["decoded"] = cls.value_parser(""), value

    def fold(self, *, policy: Policy[Any]) -> str:
        text = str(self)
        # `Header` would leave a word that cannot be folded, and what looks like an encoded word, as they are.
        plain = text.isascii() and "=?" not in text and all(len(word) <= MAX_WORD for word in text.split(" "))
        written = Header(text, None if plain else "utf-8", header_name="Subject")
        return f"Subject: {written.encode(linesep=policy.linesep)}{policy.linesep}"


class _Mailboxes(UniqueAddressHeader):
    """A list of mailboxes, one on each line."""

    addresses: tuple[Address, ...]
    name: str

    def fold(self, *, policy: Policy[Any]) -> str:
        written = (_mailbox(address, policy.linesep) for address in self.addresses)
        return f"{self.name}: " + f",{policy.linesep} ".join(written) + policy.linesep


def _mailbox(address: Address, linesep: str) -> str:
    if not (name := address.display_name):
        return address.addr_spec
    return f"{_phrase(name, linesep)}{linesep} <{address.addr_spec}>"


def _phrase(name: str, linesep: str) -> str:
    """Return a display name as atoms, as a quoted string, or as encoded words."""
    if not name.isascii() or len(name) > MAX_QUOTED or "=?" in name:
        return Header(name, "utf-8", header_name="Reply-To").encode(linesep=linesep)
    if _ATOMS.fullmatch(name):
        return name
    return '"' + re.sub(r'([\\"])', r"\\\1", name) + '"'
