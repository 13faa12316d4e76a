"""The answer of a command that has changed the workspace and has nothing to show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gbook.cli.session import Session
    from gbook.errors import Warn

__all__ = ["done"]


def done(session: Session, as_json: bool, *lines: str, warnings: Sequence[Warn] = ()) -> None:
    """Answer `{"status": "Ok"}`, with the warnings where there are any, or these lines."""
    document: dict[str, Any] = {"status": "Ok"}
    if warnings:
        from gbook.render.json_documents import warning_items

        session.warn(warnings)
        document["warnings"] = warning_items(warnings)
    session.emit(
        lambda: document,
        as_json=as_json,
        show=lambda console: console.print("\n".join(lines), soft_wrap=True),
    )
