"""The numbers by which API clients name accounts: integers, whatever the ids in gbook.yaml are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from gbook.yamlfiles.field_types import json_id

if TYPE_CHECKING:
    from gbook.workspace.config import Account

__all__ = [
    "LARGEST_NUMBER",
    "account_of_number",
    "has_own_number",
    "known_ids",
    "next_number",
    "number_of",
]

# JavaScript reads larger integers wrong.
LARGEST_NUMBER = (1 << 53) - 1
# Derived numbers begin here, so that the small ones of gbook.yaml never meet one.
_DERIVED = 1 << 52


def number_of(account: Account) -> int:
    """Return the number of an account: its id if that is an integer, else `number`, else one from its id.

    The last is derived by SHA-256, so it stays the same without any set-up; it is at least 2^52.
    """
    if (integer := _integer_id(account.id)) is not None:
        return integer
    return account.number if account.number is not None else _derived(account.id)


def has_own_number(account: Account) -> bool:
    """Return whether gbook.yaml says the number of an account, by its id or `number`."""
    return account.number is not None or _integer_id(account.id) is not None


def account_of_number(accounts: Iterable[Account], number: int) -> Account | None:
    """Return the account with a number; None if there is none."""
    return next((account for account in accounts if number_of(account) == number), None)


def known_ids(accounts: Mapping[str, Account], names: Iterable[str | int]) -> list[str]:
    """Return the ids of accounts that are named by ids or numbers; a name of no account stays, as text."""
    return [_known_id(accounts, str(name)) for name in names]


def _known_id(accounts: Mapping[str, Account], name: str) -> str:
    number = json_id(name)
    if name in accounts or not isinstance(number, int):
        return name
    found = account_of_number(accounts.values(), number)
    return found.id if found else name


def next_number(entries: Iterable[Mapping[str, Any]]) -> int:
    """Return the number for a new account: one more than the highest of these entries of gbook.yaml.

    Derived numbers do not count. A number below the highest may be that of an account that was removed, by
    which clients still know it.
    """
    numbers = (_integer_id(str(entry.get("id"))) or entry.get("number") for entry in entries)
    return max((n for n in numbers if isinstance(n, int) and n < _DERIVED), default=0) + 1


def _integer_id(account_id: str) -> int | None:
    number = json_id(account_id)
    return number if isinstance(number, int) and number <= LARGEST_NUMBER else None


def _derived(account_id: str) -> int:
    from hashlib import sha256

    digest = sha256(account_id.encode()).digest()
    return _DERIVED | int.from_bytes(digest[:8]) % _DERIVED
