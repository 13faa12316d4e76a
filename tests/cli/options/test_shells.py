"""The private parts of typer: one module uses them, and this test names those that have gone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import gbook

ROOT = Path(gbook.__file__).parent
SHELLS = ROOT / "cli" / "options" / "shells.py"


def private_imports(path: Path) -> Iterator[tuple[str, str]]:
    """Return the private modules of typer that a file imports from, with the names."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("typer._"):
            yield from ((str(node.module), alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names if alias.name.startswith("typer._"))


def test_only_shells_imports_private_parts_of_typer() -> None:
    """Private parts of typer are imported in one module."""
    users = {path for path in ROOT.rglob("*.py") if [*private_imports(path)]}
    assert users == {SHELLS}


def test_typer_has_the_private_parts_that_completion_uses() -> None:
    """A release of typer that moves them fails here, and says what to change."""
    for module, name in private_imports(SHELLS):
        remedy = (
            f"typer {version('typer')} has no {module}.{name}: "
            "adapt gbook/cli/options/shells.py, or the range of typer in pyproject.toml"
        )
        try:
            assert hasattr(import_module(module), name), remedy
        except ImportError:
            raise AssertionError(remedy) from None
