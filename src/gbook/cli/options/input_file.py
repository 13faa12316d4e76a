"""The option --file, by which a command reads its input from a file or from stdin."""

from __future__ import annotations

from typing import Any

import typer

__all__ = ["file_option"]


def file_option(help: str, metavar: str = "FILE|-") -> Any:
    """Return the option; `help` says what is read."""
    return typer.Option("--file", metavar=metavar, help=help)
