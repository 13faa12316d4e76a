"""The options --json and --dry-run."""

from typing import Annotated

import typer

__all__ = ["DryRun", "Json"]

DryRun = Annotated[
    bool, typer.Option("--dry-run", "-n", help="Show what would be written, but write nothing.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]
