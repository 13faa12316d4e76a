"""The folders of the user, who may have none: a container often runs without $HOME and passwd entry."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

__all__ = ["expand_home", "user_folder"]


def user_folder(variable: str, usual: str) -> Path | None:
    """Return gbook's folder for caches or configuration: below `$variable`, else below `usual` in the home.

    The XDG specification has relative paths ignored. None where there is no home folder either.
    """
    named = Path(os.environ.get(variable, ""))
    if named.is_absolute():
        return named / "gbook"
    home = expand_home("~")
    return home / usual / "gbook" if home.is_absolute() else None


def expand_home(named: str | Path) -> Path:
    """Return a path with its `~` filled in, or as it is where there is no such home folder."""
    path = Path(named)
    if os.environ.get("HOME") == "" and path.parts[:1] == ("~",):
        return path
    with suppress(RuntimeError):
        return path.expanduser()
    return path
