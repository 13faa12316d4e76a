"""The environment of every test: a fixed time, UTC, an empty home, no variable of the developer's shell."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

__all__ = ["NOW", "clean_environment", "is_foreign"]

# Monday, 9:00 in Berlin.
NOW = "2026-11-23T08:00:00Z"
# Variables that change what gbook does, or how a terminal looks. The tests read GBOOK_RECORD, _FUZZ and _NU.
_FOREIGN = re.compile(
    r"GBOOK_(?!RECORD$|FUZZ$|NU$)\w+|XDG_\w+|COLUMNS|LINES|NO_COLOR|FORCE_COLOR|CLICOLOR\w*|CI|GITHUB_\w+"
    r"|NETRC|SSL_CERT_\w+|(?i:(?:https?|all|no)_proxy)"
)


def is_foreign(name: str) -> bool:
    """Return whether a variable of the developer's shell must not reach a test."""
    return _FOREIGN.fullmatch(name) is not None


def clean_environment(home: Path, **variables: str) -> dict[str, str]:
    """Return the variables of a process whose home is `home`; `variables` are added, or replace some."""
    return {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "GBOOK_NOW": NOW,
        **variables,
    }
