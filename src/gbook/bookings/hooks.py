"""The user's own programs around a booking (gbook.yaml, `hooks`).

preBook may refuse. It runs before anything is locked, so that it may change the calendars, for example by
fetching them. The others run after the commit, when nothing can be undone: their failures are warnings.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec

from gbook.errors import Warn
from gbook.scheduling.unavailable import NotAsked, Refused
from gbook.workspace.workspace import Workspace

__all__ = ["Hook", "run_post_hook", "run_pre_book"]


class Hook(StrEnum):
    """A program that runs after a change, by its key in gbook.yaml."""

    POST_BOOK = "postBook"
    POST_CANCEL = "postCancel"
    POST_RESCHEDULE = "postReschedule"


def run_pre_book(workspace: Workspace, document: Mapping[str, Any]) -> None:
    """Ask the preBook program whether a booking may be made.

    `document` is the JSON document of `gbook book`, not yet created. Raises Refused with the last line that
    the program wrote to stderr, NotAsked if it cannot be run.
    """
    hooks = workspace.config.hooks
    if not hooks.pre_book:
        return
    from gbook.programs import ProgramFailed, ProgramNotRun, run_program

    try:
        run_program(workspace.root, hooks.pre_book, hooks.timeout, msgspec.json.encode(document))
    except ProgramFailed as error:
        refusal = NotAsked if isinstance(error, ProgramNotRun) else Refused
        raise refusal(f"preBook refused the booking: {error.message}", hook="preBook") from error


def run_post_hook(workspace: Workspace, hook: Hook, document: Mapping[str, Any]) -> list[Warn]:
    """Run the program of a hook, if gbook.yaml names one; return a warning if it failed."""
    hooks = workspace.config.hooks
    arguments = {
        Hook.POST_BOOK: hooks.post_book,
        Hook.POST_CANCEL: hooks.post_cancel,
        Hook.POST_RESCHEDULE: hooks.post_reschedule,
    }[hook]
    if not arguments:
        return []
    from gbook.programs import ProgramFailed, run_program

    try:
        run_program(workspace.root, arguments, hooks.timeout, msgspec.json.encode(document))
    except ProgramFailed as error:
        return [Warn("hook_failed", f"{hook}: {error.message}; the booking itself is written")]
    except KeyboardInterrupt:
        return [Warn("hook_failed", f"{hook}: interrupted; the booking itself is written")]
    return []
