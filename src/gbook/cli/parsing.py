"""Parts of a command line that commands and completion read the same way."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING

from gbook.errors import UsageError

if TYPE_CHECKING:
    from gbook.engine.quorum import Required

__all__ = ["ANY_AGE", "globals_first", "read_required"]


# The value of --offline without a value.
ANY_AGE = "any"


def globals_first(arguments: Sequence[str]) -> list[str]:
    """Return the command line with the global options moved before the command."""
    first: list[str] = []
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--":
            rest += [word, *words]
        elif word == "--offline":
            first.append(f"--offline={ANY_AGE}")
        elif word == "--no-index" or word.startswith(("--workspace=", "--offline=", "--timeout=")):
            first.append(word)
        elif word in ("--workspace", "--timeout"):
            first += [word, *islice(words, 1)]
        else:
            rest.append(word)
    return first + rest


def read_required(text: str | None) -> Required | None:
    """Return the value of --required; None if it is not given. Raises UsageError."""
    match text:
        case None:
            return None
        case "one":
            return "one"
        case "all":
            return "all"
        case number if number.isdecimal() and len(number) < 7 and int(number):
            return int(number)
    raise UsageError(f"--required: expected one, all or a number of at least 1, found {text!r}")
