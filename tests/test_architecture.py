"""The arrows between the packages of gbook, by every import that stands in the code, wherever it stands.

cli → render, bookings → query → calendars, profiles → availability; nothing points upward.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import gbook

ROOT = Path(gbook.__file__).parent
MODULES = sorted(ROOT.rglob("*.py"))
# What a package must not know of. `query` stands for what listing and booking share.
FORBIDDEN = {
    "availability": {"bookings", "calendars", "checks", "cli", "profiles", "query", "render", "workspace"},
    "calendars": {"bookings", "checks", "cli", "profiles", "query", "render", "workspace"},
    "profiles": {"bookings", "checks", "calendars", "cli", "query", "render"},
    "query": {"bookings", "checks", "cli", "render"},
    "bookings": {"cli", "render"},
    "checks": {"cli", "render"},
    "render": {"cli"},
}


def names_of(tree: ast.AST, path: Path) -> Iterator[str]:
    """The modules that a file imports when it runs, also inside functions; not those for type checkers."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        yield from names_of(node, path)


def imports(path: Path) -> set[str]:
    return set(names_of(ast.parse(path.read_text("utf-8")), path))


def parts_of_gbook(path: Path) -> set[str]:
    """The packages and modules right below gbook that a file imports from."""
    return {name.split(".")[1] for name in imports(path) if name.startswith("gbook.")}


def files(part: str) -> list[Path]:
    single = ROOT / f"{part}.py"
    return [single] if single.exists() else sorted((ROOT / part).rglob("*.py"))


@pytest.mark.parametrize("part", FORBIDDEN)
def test_arrows_point_downward(part: str) -> None:
    """No package imports one that stands above it."""
    assert files(part)
    for path in files(part):
        assert not parts_of_gbook(path) & FORBIDDEN[part], path


def test_the_core_knows_nothing_but_errors() -> None:
    """availability/ is arithmetic: nothing of gbook but errors, no file, clock, YAML, terminal."""
    allowed = {"availability", "errors"}
    outside = {
        "os",
        "pathlib",
        "io",
        "time",
        "datetime",
        "zoneinfo",
        "sys",
        "yaml",
        "rich",
        "typer",
        "icalendar",
    }
    for path in files("availability"):
        assert parts_of_gbook(path) <= allowed, path
        assert not {name.split(".")[0] for name in imports(path)} & outside, path


def test_only_the_program_imports_the_command_line() -> None:
    """cli is the top: only `python -m gbook` starts it."""
    users = {path for path in MODULES if "cli" in parts_of_gbook(path) and ROOT / "cli" not in path.parents}
    assert users == {ROOT / "__main__.py"}


def test_rules_are_expanded_in_one_place() -> None:
    """recurring-ical-events is known to calendars/ alone."""
    users = {
        path.relative_to(ROOT).parts[0]
        for path in MODULES
        if any(name.startswith("recurring_ical_events") for name in imports(path))
    }
    assert users <= {"calendars"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_says_what_it_is_and_what_it_offers(path: Path) -> None:
    """A module opens with a docstring; `__all__` names what others may use."""
    tree = ast.parse(path.read_text("utf-8"))
    assert ast.get_docstring(tree)
    assigned = {ast.unparse(node.targets[0]) for node in tree.body if isinstance(node, ast.Assign)}
    assert "__all__" in assigned or path.name == "__init__.py"
