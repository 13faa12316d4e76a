"""The numbers by which clients name accounts and reservations; gbook has ids and UIDs for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256

from gbook.service.problems import Problem
from gbook.workspace.numbers import LARGEST_NUMBER, number_of
from gbook.workspace.workspace import Workspace

__all__ = ["AccountNumbers", "reservation_number"]


class AccountNumbers:
    """Some accounts of a workspace by their numbers: those with the ids in `names`, else all."""

    def __init__(self, workspace: Workspace, names: Iterable[str] | None = None) -> None:
        accounts = [workspace.account(name) for name in (workspace.accounts if names is None else names)]
        self._numbers = {account.id: number_of(account) for account in accounts}
        self._ids = {number: account_id for account_id, number in self._numbers.items()}

    def of(self, account_ids: Iterable[str]) -> tuple[int, ...]:
        """Return the numbers of accounts. Raises KeyError for one that is not among them."""
        return tuple(self._numbers[account_id] for account_id in account_ids)

    def ids(self, numbers: Iterable[int]) -> tuple[str, ...]:
        """Return the ids of accounts with these numbers; a number of none is left out: see `unknown`."""
        return tuple(self._ids[number] for number in numbers if number in self._ids)

    def unknown(self, numbers: Sequence[int], key: str) -> Iterator[Problem]:
        """Yield a problem for each number, in a list of a request at `key`, that none of them has."""
        for i, number in enumerate(numbers):
            if number not in self._ids:
                yield f"{key}[{i}]", f"expected the number of an account, found {number}"


def reservation_number(uid: str) -> int:
    """Return the number of a reservation, from 1 to 2^53 - 1, which JavaScript can read.

    It is always the same for a UID.
    """
    return int.from_bytes(sha256(uid.encode(errors="surrogatepass")).digest()[:8]) % LARGEST_NUMBER + 1
