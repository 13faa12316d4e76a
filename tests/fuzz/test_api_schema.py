"""Requests made from the description of the API: every answer is one that it describes, and none is a 5xx.

What a client may send is not always what can be done, so a request that fits may be refused. Keys, parameters
and headers that are not described are ignored.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from schemathesis import checks
from support.api import FREE, TAKEN, Api, make_api_office
from support.contract import assert_fits
from support.fuzz_runner import tried

from gbook.service.routes.openapi import document
from gbook.service.routes.table import ROUTES

pytestmark = pytest.mark.fuzz

ANSWERS = {route.operation_id: route.answer.__name__ for route in ROUTES}
UNFIT = [checks.positive_data_acceptance, checks.negative_data_rejection, checks.ignored_auth]
# Values that the workspace knows, for fields of bodies that would almost never have one.
NUMBERS = {"type": "array", "items": {"enum": [1, 2, 3, 4]}}
KNOWN: dict[str, dict[str, Any]] = {
    "BookingAttachAccountsDto": {"accountIds": NUMBERS},
    "BookingAttachGroupDto": {"accountIds": NUMBERS, "extId": {"enum": ["sales", "support"]}},
    "BookingDetachGroupAccountsDto": {"accountIds": NUMBERS},
    "BookingDetachGroupDto": {"accountIds": NUMBERS, "extId": {"enum": ["sales", "support"]}},
    "SelectedMeetingTime": {"start": {"enum": [*FREE, TAKEN]}},
}


def described() -> dict[str, Any]:
    """Return the description with the known values."""
    served = document(ROUTES)
    for name, fields in KNOWN.items():
        served["components"]["schemas"][name]["properties"].update(fields)
    return served


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """The API of a workspace with a group profile, which is public, and a personal profile."""
    root = make_api_office(tmp_path_factory.mktemp("fuzz") / "office", "accounts: [alice, bob]\npublic: true")
    profile = (root / "profiles/demo.yaml").read_text().replace("public: true", "owner: alice")
    (root / "profiles/own.yaml").write_text(profile.replace("id: 1", "id: 2"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GBOOK_NOW", "2026-11-23T08:00:00Z")
        yield Api(root)


@pytest.fixture(scope="module")
def alice(api: Api) -> Api:
    """The same for the account alice."""
    return api.as_account("alice")


SCHEMA = schemathesis.openapi.from_dict(described())


@SCHEMA.parametrize()
@tried(30)
def test_an_answer_is_one_that_is_described(case: schemathesis.Case[Any], api: Api, alice: Api) -> None:
    """Status, headers and body are those of the description, and of the published contract."""
    caller = alice if "/account/" in case.path else api
    if len(str(case.path_parameters.get("id"))) % 2:
        case.path_parameters |= {"id": 1 if caller is api else 2}
    if "clientId" in case.path_parameters:
        case.path_parameters = {"clientId": api.client_id, "name": "demo"}
    header = {"Authorization": caller.authorization}
    answer = case.call_and_validate(app=caller.app, headers=header, excluded_checks=UNFIT)
    if answer.status_code == 200 and case.method != "OPTIONS":
        assert_fits(ANSWERS[case.operation.definition.raw["operationId"]], answer.json())
