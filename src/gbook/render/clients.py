"""Clients of the API and accounts with tokens, as JSON documents and as a terminal shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from gbook.timeutil.instants import format_instant
from gbook.yamlfiles.field_types import json_id

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from gbook.clients.model import Credentials, Secret
    from gbook.render.console import Console
    from gbook.render.lines import Keys
    from gbook.workspace.config import Account

__all__ = ["Holder", "client_keys", "holder_document", "holders", "show_holders"]


class Holder(NamedTuple):
    """A client or an account, and the instants at which its secrets or tokens were made."""

    kind: str
    id: str
    name: str
    created: tuple[int, ...]


def holders(credentials: Credentials, accounts: Mapping[str, Account]) -> list[Holder]:
    """Return the clients, then the accounts with tokens."""
    return [*_holders(credentials, accounts)]


def _holders(credentials: Credentials, accounts: Mapping[str, Account]) -> Iterator[Holder]:
    for client in credentials.clients:
        yield Holder("client", client.id, client.name, _instants(client.secrets))
    for tokens in credentials.accounts:
        account = accounts.get(tokens.account)
        name = account.display_name if account else ""
        yield Holder("account", tokens.account, name, _instants(tokens.secrets))


def _instants(secrets: Sequence[Secret]) -> tuple[int, ...]:
    return tuple(int(secret.created.timestamp()) for secret in secrets)


def holder_document(holder: Holder) -> dict[str, Any]:
    """Return who may use the API, without the secrets."""
    return {
        "kind": holder.kind,
        "id": json_id(holder.id) if holder.kind == "account" else holder.id,
        "name": holder.name,
        "created": [format_instant(instant) for instant in holder.created],
    }


def client_keys() -> Keys:
    """Return the keys of clients and of accounts with tokens."""
    keys: dict[str, Callable[[Holder], Any]] = {
        "kind": lambda holder: holder.kind,
        "id": lambda holder: holder.id,
        "name": lambda holder: holder.name,
        "created": lambda holder: [format_instant(instant) for instant in holder.created],
    }
    return keys


def show_holders(console: Console, shown: Sequence[Holder], zone: ZoneInfo) -> None:
    """Print a table of clients and accounts with tokens, or how to add one; days are those of `zone`."""
    from gbook.render.tables import WIDE, Column, print_list

    if not shown:
        console.print_words("No clients. Next: gbook client add NAME")
        return
    rows = [[item.name, item.kind, item.id, _days(item.created, zone)] for item in shown]
    columns = (
        Column("name", heading=True),
        Column("kind"),
        Column("id", whole=True),
        Column("secrets made", label="secrets made:"),
    )
    print_list(console, columns, rows, WIDE)


def _days(instants: Sequence[int], zone: ZoneInfo) -> str:
    from gbook.timeutil.format import day_name
    from gbook.timeutil.instants import local

    return ", ".join(day_name(local(instant, zone).date()) for instant in instants)
