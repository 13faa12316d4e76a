"""Accounts and groups of a profile over HTTP, by their numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.api import ALICE, BOB, CAROL, Api, make_api_office

from gbook.workspace.numbers import number_of

DEMO = "/group/profiles/1"
ACCOUNTS, GROUPS = f"{DEMO}/attachAccounts", f"{DEMO}/attachGroups"
SALES = {"extId": "sales", "accountIds": [BOB, CAROL], "required": "all"}
ROOMS = {"extId": "rooms", "accountIds": [CAROL], "required": "one"}


def accounts(api: Api, **query: int) -> list[int]:
    """Return the numbers of the attached accounts."""
    return [
        number
        for record in api.ok("GET", ACCOUNTS, query=query)["records"]
        for number in record["accountIds"]
    ]


def groups(api: Api, **query: int) -> list[Any]:
    """Return the attached groups."""
    records: list[Any] = api.ok("GET", GROUPS, query=query)["records"]
    return records


def test_accounts_are_attached_and_detached(api: Api) -> None:
    """Attaching keeps the order, and once is enough; detaching takes out only what is named."""
    assert api.ok("POST", ACCOUNTS, {"accountIds": [CAROL, ALICE, BOB, CAROL]}) == {"status": "Ok"}
    assert accounts(api) == [ALICE, CAROL, BOB]
    assert api.ok("POST", f"{DEMO}/detachAccounts", {"accountIds": [ALICE, BOB]}) == {"status": "Ok"}
    assert accounts(api) == [CAROL]
    assert api.ok("POST", f"{DEMO}/detachAccounts", {"accountIds": [CAROL]}) == {"status": "Ok"}
    assert api.ok("GET", ACCOUNTS) == {"offset": 0, "totalSize": 0, "done": True, "records": []}


def test_accounts_come_in_pages(api: Api) -> None:
    """Offset and limit count accounts; a page has them in one record."""
    api.ok("POST", ACCOUNTS, {"accountIds": [BOB, CAROL]})
    page = api.ok("GET", ACCOUNTS, query={"offset": 1, "limit": 1})
    assert page == {"offset": 1, "totalSize": 3, "done": False, "records": [{"accountIds": [BOB]}]}
    assert accounts(api, offset=2) == [CAROL]


@pytest.mark.parametrize("operation", ["attachAccounts", "detachAccounts"])
def test_every_unknown_number_is_named(api: Api, operation: str) -> None:
    """Nothing is changed if a number is of no account, or of one that is not attached."""
    wrong = api.problems("POST", f"{DEMO}/{operation}", {"accountIds": [ALICE, 77, 78]})
    assert set(wrong) == {"accountIds[1]", "accountIds[2]"}
    assert accounts(api) == [ALICE]
    assert "accountIds[0]" in api.problems("POST", f"{DEMO}/detachAccounts", {"accountIds": [BOB]})
    assert api.problems("POST", f"{DEMO}/{operation}", {}) == {"": "'accountIds' is missing"}


def test_groups_are_attached_replaced_and_detached(api: Api) -> None:
    """A group of the same extId replaces the attached one; the order stays."""
    assert api.ok("POST", GROUPS, {"groups": [SALES, ROOMS]}) == {"status": "Ok"}
    assert groups(api) == [SALES, ROOMS]
    api.ok(
        "POST",
        GROUPS,
        {"groups": [{"extId": "sales", "accountIds": [CAROL, BOB, ALICE], "requiredCount": 2}]},
    )
    changed = {"extId": "sales", "accountIds": [CAROL, BOB, ALICE], "required": "all", "requiredCount": 2}
    assert groups(api) == [changed, ROOMS]
    assert groups(api, offset=1) == [ROOMS]
    assert api.ok("POST", f"{DEMO}/detachGroups", {"groups": [{"extId": "sales"}]}) == {"status": "Ok"}
    assert groups(api) == [ROOMS]


def test_accounts_are_taken_out_of_groups(api: Api) -> None:
    """With accountIds only those accounts leave; the group stays with the others."""
    api.ok("POST", GROUPS, {"groups": [SALES, ROOMS]})
    named = [{"extId": "sales", "accountIds": [BOB]}, {"extId": "rooms"}]
    assert api.ok("POST", f"{DEMO}/detachGroups", {"groups": named}) == {"status": "Ok"}
    assert groups(api) == [{**SALES, "accountIds": [CAROL]}]


def test_every_problem_of_groups_is_named(api: Api) -> None:
    """Unknown numbers and groups are named by their places."""
    body = {"groups": [SALES, {"extId": "x", "accountIds": [BOB, 77]}, {"extId": "y", "accountIds": [78]}]}
    assert set(api.problems("POST", GROUPS, body)) == {
        "groups[1].accountIds[1]",
        "groups[2].accountIds[0]",
    }
    api.ok("POST", GROUPS, {"groups": [SALES]})
    empty = {"groups": [{"extId": "sales", "accountIds": []}]}
    assert set(api.problems("POST", f"{DEMO}/detachGroups", empty)) == {"groups[0].accountIds"}
    body = {"groups": [{"extId": "no"}, {"extId": "sales", "accountIds": [BOB, ALICE]}]}
    assert set(api.problems("POST", f"{DEMO}/detachGroups", body)) == {
        "groups[0].extId",
        "groups[1].accountIds[1]",
    }
    assert groups(api) == [SALES]


def test_members_that_a_profile_cannot_have(tmp_path: Path) -> None:
    """An account that is optional cannot be attached; the answer does not say which ones are."""
    api = Api(make_api_office(tmp_path / "office", "optional: [bob]\naccounts: [alice]"))
    assert set(api.problems("POST", ACCOUNTS, {"accountIds": [BOB]})) == {"accountIds"}
    assert accounts(api) == [ALICE]


def test_accounts_without_a_number_have_one(tmp_path: Path) -> None:
    """An account that gbook.yaml gives no number is known by one that stays the same, without set-up."""
    api = Api(make_api_office(tmp_path / "office"))
    config = api.root / "gbook.yaml"
    config.write_text(config.read_text().replace("number: 2, ", ""))
    with api.opened() as workspace:
        number = number_of(workspace.account("bob"))
    assert number > 2**52
    api.ok("POST", ACCOUNTS, {"accountIds": [number]})
    assert accounts(api) == [ALICE, number]
