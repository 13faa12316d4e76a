"""`gbook profile accounts` and `groups`: what is attached to a profile, in the pages of the API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import typer

from gbook.cli.commands.profile_members import Name, profile_store
from gbook.cli.options.option_groups import with_option_groups
from gbook.cli.options.output import OutputOptions, PageOptions, Records, emit_records
from gbook.yamlfiles.field_types import json_id

if TYPE_CHECKING:
    from gbook.render.lines import Keys
    from gbook.workspace.config import Account

__all__ = ["register"]


@with_option_groups
def list_accounts(ctx: typer.Context, name: Name, page: PageOptions, output: OutputOptions) -> None:
    """List the accounts attached to a profile."""
    from gbook.render.accounts import account_document, show_accounts

    profile = profile_store(ctx.obj).find(name)
    attached = [ctx.obj.workspace.account(account_id) for account_id in profile.accounts]
    records = Records(attached, account_document, _account_keys, show_accounts, _page_of_accounts)
    emit_records(ctx.obj, output, page, records)


def _page_of_accounts(accounts: Sequence[Account]) -> list[dict[str, Any]]:
    """Return the accounts of a page as the API does: together, in one record."""
    return [{"accountIds": [json_id(account.id) for account in accounts]}] if accounts else []


def _account_keys() -> Keys:
    from gbook.render.lines import account_keys

    return account_keys()


@with_option_groups
def list_groups(ctx: typer.Context, name: Name, page: PageOptions, output: OutputOptions) -> None:
    """List the groups attached to a profile."""
    from gbook.render.profiles import group_document, show_groups

    groups = profile_store(ctx.obj).find(name).groups
    emit_records(ctx.obj, output, page, Records(groups, group_document, _group_keys, show_groups))


def _group_keys() -> Keys:
    from gbook.render.lines import group_keys

    return group_keys()


def register(app: typer.Typer) -> None:
    """Add these commands to `gbook profile`."""
    app.command("accounts", epilog="Example: gbook profile accounts demo --json")(list_accounts)
    app.command("groups", epilog="Example: gbook profile groups demo --json")(list_groups)
