"""Types of model fields: names, account ids, e-mail addresses, zones, colours.

Each type has a reader, `Meta(extra={"read": reader})`, which normalizes a value from a file or a command line
or raises ValueError with what it expected. `gbook.yamlfiles.validation` calls it before the conversion.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

from msgspec import Meta

from gbook.timeutil.zones import find_zone
from gbook.yamlfiles.quoting import quote

__all__ = [
    "ACCOUNT_ID_FORMAT",
    "AccountId",
    "Color",
    "Email",
    "Name",
    "Origin",
    "Url",
    "Zone",
    "json_id",
    "read_account_id",
    "read_color",
    "read_email",
    "read_line",
    "read_name",
    "read_origin",
    "read_url",
    "read_zone",
]

# Patterns are text, which `re` compiles at the first use: a warm query needs none of them.
# The format of account ids in the JSON Schema.
ACCOUNT_ID_FORMAT = "account-id"
_NAME = r"[\w-][\w.-]{0,99}"
# Words with single dots between them on both sides, as mail servers take them (dot-atom, RFC 5322 §3.4.1).
_EMAIL = r"{word}(\.{word})*@{word}(\.{word})*".format(word=r"[^\s@<>,;:\"\\()\[\].]+")
_CONTROL = r"[\x00-\x1f\x7f-\x9f\u2028\u2029]"
# Longer integers do not survive every JSON and YAML reader.
_MAX_DIGITS = 18
_COLOR = r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})"


def read_name(value: Any) -> str:
    """Return the name of a profile or group: letters, digits, `.`, `_`, `-`, without a leading dot."""
    if not isinstance(value, str) or not re.fullmatch(_NAME, value):
        raise ValueError(
            f"expected letters, digits, '.', '_' and '-', not starting with a dot, found {quote(value)}"
        )
    return value


def read_account_id(value: Any) -> str:
    """Return an account id: a name, or an integer (as in the API), which becomes text."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else read_name(value)


def json_id(account_id: str) -> str | int:
    """Return an account id as JSON documents show it: an integer if it is one."""
    whole = account_id.isdecimal() and account_id.isascii() and len(account_id) <= _MAX_DIGITS
    return int(account_id) if whole and str(int(account_id)) == account_id else account_id


def read_line(value: Any) -> str:
    """Return text without control characters, on one line and stripped."""
    if not isinstance(value, str):
        raise ValueError(f"expected text, found {quote(value)}")
    if re.search(_CONTROL, value):
        raise ValueError(f"expected one line without control characters, found {quote(value)}")
    return value.strip()


def read_email(value: Any) -> str:
    """Return an e-mail address without a display name."""
    # Signs that turn the direction of text around are not printable: an address would look like another one.
    if not isinstance(value, str) or not value.isprintable() or not re.fullmatch(_EMAIL, value):
        raise ValueError(f"expected an e-mail address such as jane@example.com, found {quote(value)}")
    return value


def read_url(value: Any) -> str:
    """Return the address of a server in its one form; it may be secret, so no message shows it."""
    if not isinstance(value, str):
        raise ValueError("expected an address such as https://dav.example.com/")
    from gbook.urls import parse_url

    return str(parse_url(value))


def read_origin(value: Any) -> str:
    """Return an origin (RFC 6454), such as https://book.example.com, without a slash at the end.

    Raises ValueError if it has a path, a query or a fragment of its own.
    """
    from gbook.urls import parse_url

    expected = f"expected an address such as https://book.example.com, found {quote(value)}"
    if not isinstance(value, str) or not value.strip().lower().startswith(("http:", "https:")):
        raise ValueError(expected)
    if "@" in value:  # not quoted: it may have a password
        raise ValueError("expected an address such as https://book.example.com, without a user name")
    url = parse_url(value)
    if url.target != "/" or value.strip().endswith(("?", "#")) or "#" in value:
        raise ValueError(f"{expected}; a path, query or fragment is not supported")
    return str(url).removesuffix("/")


def read_zone(value: Any) -> str:
    """Return the IANA name of a zone in its canonical spelling."""
    if not isinstance(value, str):
        raise ValueError(f"expected a time zone such as America/New_York, found {quote(value)}")
    return find_zone(value).key


def read_color(value: Any) -> str:
    """Return a colour: `#RGB` or `#RRGGBB`."""
    if not isinstance(value, str) or not re.fullmatch(_COLOR, value):
        raise ValueError(f"expected a colour such as '#30A9EE' (in quotes), found {quote(value)}")
    return value


Name = Annotated[str, Meta(extra={"read": read_name})]
Line = Annotated[str, Meta(extra={"read": read_line})]
Email = Annotated[str, Meta(extra={"read": read_email})]
Url = Annotated[str, Meta(extra={"read": read_url})]
Origin = Annotated[str, Meta(extra={"read": read_origin})]
Zone = Annotated[str, Meta(extra={"read": read_zone})]
Color = Annotated[str, Meta(extra={"read": read_color})]
AccountId = Annotated[
    str, Meta(extra={"read": read_account_id}, extra_json_schema={"format": ACCOUNT_ID_FORMAT})
]
