"""The numbers of accounts: their ids, the numbers of gbook.yaml, or derived from their ids."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gbook.errors import InvalidFile
from gbook.workspace.config import Account
from gbook.workspace.numbers import (
    LARGEST_NUMBER,
    account_of_number,
    has_own_number,
    known_ids,
    next_number,
    number_of,
)
from gbook.workspace.workspace import open_workspace


def account(account_id: str, number: int | None = None) -> Account:
    return Account(id=account_id, number=number, email="x@example.com")


def test_an_integer_id_is_the_number() -> None:
    """Up to the largest integer that JSON readers understand; text that looks like one is text."""
    assert number_of(account("7")) == 7
    assert number_of(account(str(LARGEST_NUMBER))) == LARGEST_NUMBER
    assert number_of(account(str(LARGEST_NUMBER + 1), 5)) == 5
    assert number_of(account("007")) >= 2**52


def test_a_derived_number_stays_the_same() -> None:
    """Clients keep it: it must not change with the version of gbook, or the order of accounts."""
    assert number_of(account("alice")) == 6_762_861_930_873_007
    assert not has_own_number(account("alice"))
    assert has_own_number(account("alice", 0))
    assert has_own_number(account("7"))


@given(st.from_regex(r"[a-z][a-z0-9._-]{0,20}", fullmatch=True))
def test_a_derived_number_meets_no_small_one(name: str) -> None:
    """It is an integer of 53 bits of which the highest is set."""
    assert 2**52 <= number_of(account(name)) <= LARGEST_NUMBER


def test_an_account_is_found_by_its_number() -> None:
    """By whichever it has."""
    accounts = [account("alice", 3), account("7"), account("bob")]
    assert account_of_number(accounts, 3) == accounts[0]
    assert account_of_number(accounts, 7) == accounts[1]
    assert account_of_number(accounts, number_of(accounts[2])) == accounts[2]
    assert account_of_number(accounts, 1) is None


def test_ids_are_known_by_numbers_too() -> None:
    """What names no account stays as it is, for the message about it."""
    accounts = {each.id: each for each in (account("alice", 3), account("7"))}
    assert known_ids(accounts, [3, "3", 7, "alice", "zoe", 9]) == ["alice", "alice", "7", "alice", "zoe", "9"]


def test_the_next_number_follows_the_highest() -> None:
    """Not the lowest gap: clients may know a removed account by its number. Derived numbers do not count."""
    entries: list[dict[str, Any]] = [
        {"id": "alice", "number": 4},
        {"id": 9},
        {"id": "bob"},
        {"id": "zoe", "number": 2**52 + 1},
    ]
    assert next_number(entries) == 10
    assert next_number([]) == 1


@pytest.mark.parametrize(
    ("accounts", "message"),
    [
        (
            "[{id: a, number: 1, email: a@x.org}, {id: b, number: 1, email: b@x.org}]",
            "accounts a and b have the same number, 1",
        ),
        (
            "[{id: 1, email: a@x.org}, {id: b, number: 1, email: b@x.org}]",
            "accounts[1].number: accounts 1 and b have the same number",
        ),
        (
            "[{id: b, number: 1, email: b@x.org}, {id: 1, email: a@x.org}]",
            "accounts[1].id: accounts b and 1 have the same number",
        ),
        ("[{id: 5, number: 6, email: a@x.org}]", "accounts[0].number: expected 5, the id"),
        ("[{id: a, number: -1, email: a@x.org}]", "from 0 to 9007199254740991"),
        ("[{id: a, number: 9007199254740992, email: a@x.org}]", "from 0 to 9007199254740991"),
    ],
)
def test_a_number_is_of_one_account(tmp_path: Path, accounts: str, message: str) -> None:
    """Integer ids are numbers too."""
    (tmp_path / "gbook.yaml").write_text(f"accounts: {accounts}\n")
    with pytest.raises(InvalidFile) as refused:
        open_workspace(tmp_path)
    assert message in refused.value.message


def test_an_integer_id_may_repeat_its_number(tmp_path: Path) -> None:
    """It says the same twice."""
    (tmp_path / "gbook.yaml").write_text("accounts: [{id: 5, number: 5, email: a@x.org}]\n")
    assert number_of(open_workspace(tmp_path).account(5)) == 5
