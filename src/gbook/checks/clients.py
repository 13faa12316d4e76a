"""Checks of the clients of the HTTP API, and of the tokens of accounts."""

from __future__ import annotations

from collections.abc import Iterator

from gbook.checks.report import Finding, error, warning
from gbook.clients.file import CredentialsFile
from gbook.errors import GbookError
from gbook.workspace.tokens import require_sound_key
from gbook.workspace.workspace import Workspace

__all__ = ["check_clients", "has_clients"]

# As messages name them.
SHOWN = ".gbook/clients.json"
SHOWN_KEY = ".gbook/token-key"


def has_clients(workspace: Workspace) -> bool:
    """Return whether programs may use the HTTP API, as far as that can be read."""
    try:
        return bool(CredentialsFile(workspace.root).read().clients)
    except GbookError:
        return False


def check_clients(workspace: Workspace) -> Iterator[Finding]:
    """Yield damaged files of secrets, and tokens of accounts that are gone."""
    try:
        require_sound_key(workspace)
    except GbookError as fault:
        message = fault.message.partition(": ")[2]
        yield error("invalid_token_key", f"the API books nothing: {message}", SHOWN_KEY)
    file = CredentialsFile(workspace.root)
    try:
        credentials = file.read()
    except GbookError as fault:
        message = fault.message.removeprefix(f"{file.path}: ")
        yield error("invalid_clients", f"the API lets nobody in: {message}", SHOWN)
        return
    for tokens in credentials.accounts:
        if tokens.account not in workspace.accounts:
            message = (
                f"account {tokens.account} is not in gbook.yaml, but has a token; revoke it: "
                f"gbook client token {tokens.account} --revoke"
            )
            yield warning("left_token", message, SHOWN)
