"""The user's folders. There may be none: a container often has neither $HOME nor a passwd entry."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

__all__ = ["expand_home", "user_folder"]


def user_folder(variable: str, default: str) -> Path | None:
    """Return gbook's folder for a kind of data: in `$variable`, else in `default` of the home folder.

    A relative path in `$variable` is ignored, as the XDG Base Directory Specification requires. None if there
    is no home folder either.
    """
    folder = Path(os.environ.get(variable, ""))
    if folder.is_absolute():
        return folder / "gbook"
    home = expand_home("~")
    return home / default / "gbook" if home.is_absolute() else None


def expand_home(typed: str | Path) -> Path:
    """Return a path with its `~` or `~user` expanded; unchanged if there is no such home folder."""
    path = Path(typed)
    if os.environ.get("HOME") == "" and path.parts[:1] == ("~",):
        return path
    with suppress(RuntimeError):
        return path.expanduser()
    return path
