"""Bodies of the HTTP API as input of commands: `--file FILE|-` reads what a client would send.

As in the API, null means absent. Keys that the API does not have are ignored, with a note that suggests the
near miss, since a person may have typed them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from gbook.cli.options.profile_input import read_input, read_mapping, source, without_nulls
from gbook.errors import Problem, did_you_mean
from gbook.workspace.numbers import known_ids
from gbook.yamlfiles.field_types import AccountId, json_id

if TYPE_CHECKING:
    from gbook.cli.session import Session

__all__ = ["known_members", "read_account_ids", "read_body", "read_leaving"]

Body = TypeVar("Body", bound=msgspec.Struct)


class _AccountIds(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The body of attachAccounts and detachAccounts."""

    account_ids: tuple[AccountId, ...]


class _Leaving(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A group of detachGroups; without accounts, the whole group."""

    ext_id: str
    account_ids: tuple[AccountId, ...] | None = None

    def check(self) -> Iterable[Problem]:
        """Yield a problem for an empty list, which could mean no account or all."""
        if self.account_ids == ():
            message = "expected at least one account, or no accountIds for the whole group"
            yield Problem(message, key="accountIds")


class _LeavingGroups(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The body of detachGroups."""

    groups: tuple[_Leaving, ...]


def read_body(session: Session, file: str, model: type[Body]) -> Body:
    """Return the body in a file, or on stdin for `-`; a note names keys that are ignored.

    Raises NotFound, InvalidFile.
    """
    from gbook.yamlfiles.reader import convert

    text = read_input(file)
    data = read_mapping(text, file)
    body = convert(without_nulls(data), model, source(file), text)
    known = [field.encode_name for field in msgspec.structs.fields(model)]
    for key in data:
        if key not in known:
            session.note(f"{source(file)}: {key!r} is ignored{did_you_mean(str(key), known)}")
    return body


def read_account_ids(session: Session, file: str) -> list[str]:
    """Return the accounts of `{"accountIds": […]}` as text. Raises InvalidFile."""
    return list(read_body(session, file, _AccountIds).account_ids)


def read_leaving(session: Session, file: str) -> dict[str, list[str]]:
    """Return the accounts that leave groups by extId, from `{"groups": [{"extId": …, "accountIds": […]}]}`.

    No accounts mean the whole group. Raises InvalidFile.
    """
    accounts = session.workspace.accounts
    leaving: dict[str, list[str]] = {}
    for group in read_body(session, file, _LeavingGroups).groups:
        leaving[group.ext_id] = known_ids(accounts, group.account_ids or ())
    return leaving


def known_members(session: Session, group: Mapping[str, Any]) -> dict[str, Any]:
    """Return a group of attachGroups by the keys of a profile, with the ids of accounts that have numbers."""
    group = dict(group)
    if (count := group.pop("requiredCount", None)) is not None:
        group["required"] = count
    named = group.get("accountIds")
    if not isinstance(named, list) or not all(isinstance(each, str | int) for each in named):
        return group  # The model says what is wrong.
    ids = [json_id(each) for each in known_ids(session.workspace.accounts, named)]
    return {**group, "accountIds": ids}
