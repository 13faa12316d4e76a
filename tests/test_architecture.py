"""The arrows between the parts of gbook, found by every import in the code, lazy ones included.

`PLAN` is the plan of the house: what each part may import, lowest first. An import that it does not allow
fails, and so does a part that it does not name, an arrow that no import uses, or a cycle.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import gbook

ROOT = Path(gbook.__file__).parent
# Rooms whose inner rooms are parts of their own.
NESTED = {"calendars", "cli"}
PLAN = {
    "errors": "",
    "text": "",
    "programs": "errors text",
    "domains": "",
    "urls": "domains",
    "dav": "errors text programs urls filesystem",
    "committed": "",
    "filesystem": "errors",
    "engine": "errors",
    "cache": "filesystem",
    "timeutil": "errors",
    "clients": "errors committed filesystem cache",
    "yamlfiles": "errors urls filesystem cache timeutil",
    "workspace": "errors urls filesystem cache timeutil yamlfiles calendars.stores",
    "profiles": "errors committed filesystem engine timeutil yamlfiles workspace",
    "calendars.ics": "errors timeutil",
    "calendars.rules": "timeutil calendars.ics",
    "calendars.zones": "timeutil calendars.ics calendars.rules",
    "calendars.stores": "errors filesystem cache timeutil urls programs dav calendars.ics",
    "calendars.commit": "errors filesystem cache calendars.ics calendars.stores dav",
    "calendars.busy": "errors engine cache timeutil calendars.ics calendars.rules calendars.zones"
    " calendars.stores calendars.commit",
    "scheduling": "errors domains engine timeutil workspace profiles calendars.busy",
    "accounts": "errors urls dav committed filesystem clients yamlfiles workspace profiles calendars.stores"
    " calendars.commit calendars.busy",
    "bookings": "errors text programs domains committed filesystem engine cache timeutil workspace profiles"
    " calendars.ics calendars.stores calendars.commit calendars.busy scheduling",
    "checks": "errors clients engine cache timeutil yamlfiles workspace profiles calendars.ics"
    " calendars.rules calendars.stores calendars.commit calendars.busy scheduling bookings",
    "render": "errors engine timeutil yamlfiles workspace profiles scheduling bookings",
}
# Libraries that take time to import: a module may import one only inside the function that uses it, so that a
# run pays for what it uses. Everything else at the top of a module is cheap, or imported by typer anyway.
LAZY = {
    *("concurrent", "dateutil", "difflib", "email", "filelock", "http", "icalendar", "ipaddress"),
    *(
        "multiprocessing",
        "prompt_toolkit",
        "questionary",
        "recurring_ical_events",
        "rich",
        "ruamel",
        "smtplib",
    ),
    *("sqlite3", "ssl", "subprocess", "tzlocal", "xml", "yaml"),
    *("falcon", "waitress"),
}

# Modules that live on such a library, and are themselves imported inside functions only.
ON_DEMAND = {
    "bookings.confirmation_request",
    "bookings.counter_refusal",
    "bookings.email",
    "bookings.guest_mail",
    "bookings.mail_server",
    "bookings.proposal_email",
    "bookings.email_headers",
    "bookings.server_change",
    "bookings.server_holds",
    "calendars.commit.promises",
    "calendars.commit.servers",
    "programs",
    "urls",
}


def modules() -> dict[str, Path]:
    """Return the path of each module, by its dotted name below gbook."""
    paths = {}
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        paths[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return paths


MODULES = modules()
# Only a calendar on a server needs them.
ON_DEMAND |= {module for module in MODULES if module.split(".")[0] == "dav"}


def part_of(module: str) -> str:
    """Return the part of the plan that a module belongs to."""
    names = module.split(".")
    return ".".join(names[:2]) if names[0] in NESTED else names[0]


def import_names(tree: ast.AST, *, lazy: bool) -> Iterator[str]:
    """Yield the names that a file imports when it runs; with `lazy`, inside functions too."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) and not lazy:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Attribute) and lazy and ast.unparse(node.value) == "gbook":
            yield f"gbook.{node.attr}"  # the public API is imported when it is used
        yield from import_names(node, lazy=lazy)


@cache
def all_imports() -> dict[str, set[str]]:
    """Return the modules of gbook that each module imports."""
    return {module: imported_modules(module) for module in MODULES}


def imported_modules(module: str) -> set[str]:
    """Return the modules of gbook that a module imports, anywhere in its code."""
    found = set()
    for name in import_names(ast.parse(MODULES[module].read_text("utf-8")), lazy=True):
        inside = name.removeprefix("gbook.")
        if inside in gbook.HOMES:
            found.add(gbook.HOMES[inside].removeprefix("gbook."))
        elif inside != name:
            found.add(inside if inside in MODULES else inside.rpartition(".")[0])
    return found - {module, ""}


ALLOWED = {part: set(allowed.split()) for part, allowed in PLAN.items()}
# The program itself, the rooms of the command line, and the service: they may import everything below.
TOP = {"", "__main__", "cli", "service"}


def test_imports_follow_the_plan() -> None:
    """Each part below the command line is in the plan, and imports exactly what the plan says."""
    arrows: dict[str, set[str]] = {part: set() for part in map(part_of, MODULES)}
    for module, targets in all_imports().items():
        arrows[part_of(module)] |= {part_of(target) for target in targets} - {part_of(module)}
    below = {part: found for part, found in arrows.items() if part.partition(".")[0] not in TOP}
    assert below.pop("calendars") == set()
    assert below == ALLOWED


def test_no_module_imports_itself_by_a_detour() -> None:
    """There is no cycle of modules, lazy imports included."""
    TopologicalSorter(all_imports()).prepare()


def test_only_the_program_imports_the_command_line() -> None:
    """The command line is the top: only `python -m gbook` imports it."""
    users = {
        module for module, targets in all_imports().items() if "cli" in {t.split(".")[0] for t in targets}
    }
    assert {user for user in users if user.split(".")[0] != "cli"} == {"__main__"}


def test_only_the_command_that_serves_imports_the_service() -> None:
    """No other command pays for the service, and nothing below knows it."""
    users = {
        module for module, targets in all_imports().items() if "service" in {t.split(".")[0] for t in targets}
    }
    assert {user for user in users if not user.startswith("service")} <= {"cli.commands.serve"}


@pytest.mark.parametrize("house", ["service", "service.page"])
def test_the_rooms_of_the_service_have_one_direction(house: str) -> None:
    """From the process over the application and access to routes, operations and what is sent.

    In the booking page from its table over the screens to what they show, and the web and the language.
    """
    depth, arrows = len(house.split(".")), dict[str, set[str]]()
    for module, targets in all_imports().items():
        if module.startswith(f"{house}."):
            room = module.split(".")[depth]
            inner = {target.split(".")[depth] for target in targets if target.startswith(f"{house}.")}
            arrows.setdefault(room, set()).update(inner - {room})
    TopologicalSorter(arrows).prepare()
    assert len(arrows) > 1


def test_commands_and_operations_book_through_the_public_api() -> None:
    """They import nothing of bookings/ and scheduling/ but what `gbook` exports."""
    for module, path in MODULES.items():
        if module.split(".")[0] in {"cli", "service"}:
            names = set(import_names(ast.parse(path.read_text("utf-8")), lazy=True))
            assert not {name for name in names if name.startswith(("gbook.bookings", "gbook.scheduling"))}


def test_the_public_api_exports_what_it_declares() -> None:
    """Each public name is declared for type checkers with the home from which it is imported lazily."""
    tree = ast.parse(MODULES[""].read_text("utf-8"))
    declared = {
        alias.name: node.module
        for block in tree.body
        if isinstance(block, ast.If)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert declared == gbook.HOMES
    assert {*gbook.__all__} == {*gbook.HOMES}
    assert all(
        getattr(gbook, name).__module__ == home for name, home in gbook.HOMES.items() if name != "Plan"
    )


def test_the_engine_is_arithmetic() -> None:
    """engine/ knows no file, clock, zone, YAML or terminal."""
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
    for module, path in MODULES.items():
        if part_of(module) == "engine":
            names = import_names(ast.parse(path.read_text("utf-8")), lazy=True)
            assert not {name.partition(".")[0] for name in names} & outside, module


def test_rules_are_expanded_in_one_place() -> None:
    """Only calendars/busy knows recurring-ical-events."""
    users = {
        part_of(module)
        for module, path in MODULES.items()
        for name in import_names(ast.parse(path.read_text("utf-8")), lazy=True)
        if name.startswith("recurring_ical_events")
    }
    assert users == {"calendars.busy"}


@pytest.mark.parametrize("module", MODULES)
def test_slow_libraries_are_imported_where_they_are_used(module: str) -> None:
    """No module imports a library of LAZY at its top, nor a module that does; the service is one long run."""
    names = set(import_names(ast.parse(MODULES[module].read_text("utf-8")), lazy=False))
    if module not in ON_DEMAND and part_of(module) != "service":
        assert not {name.removeprefix("gbook.").rpartition(".")[0] for name in names} & ON_DEMAND
        assert not {name.partition(".")[0] for name in names} & LAZY


@pytest.mark.parametrize("module", MODULES)
def test_every_module_has_a_docstring_and_exports(module: str) -> None:
    """A module opens with a docstring, and `__all__` names what others may use."""
    tree = ast.parse(MODULES[module].read_text("utf-8"))
    assert ast.get_docstring(tree)
    assigned = {ast.unparse(node.targets[0]) for node in tree.body if isinstance(node, ast.Assign)}
    assert "__all__" in assigned or MODULES[module].name == "__init__.py"
