"""Checks of the servers of calendars: what they were found to support when they were tried."""

from __future__ import annotations

from collections.abc import Iterator

from gbook.checks.report import Finding, warning
from gbook.workspace.workspace import Workspace

__all__ = ["check_servers"]


def check_servers(workspace: Workspace) -> Iterator[Finding]:
    """Yield the calendars for bookings whose server ignores the conditions of writes."""
    primaries = [account.primary for account in workspace.accounts.values() if account.is_writable]
    remote = [primary for primary in primaries if primary and primary.server]
    if not remote:
        return
    from gbook.calendars.commit.promises import known_capabilities
    from gbook.calendars.stores.caldav import CaldavStore

    for primary in remote:
        store = workspace.store(primary)
        assert isinstance(store, CaldavStore)
        found = known_capabilities(store, workspace.cache)
        if found is None or found.is_safe or store.is_cooperative:
            continue
        message = (
            "the server ignores the conditions of writes, so programs could overwrite each other; set "
            "`readonly: true`, or `concurrency: cooperative` if only gbook books in it"
        )
        yield warning("unsafe_server", message, primary.shown)
