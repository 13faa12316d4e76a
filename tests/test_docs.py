"""The documentation agrees with the program: examples run, links have targets, tables are current."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from itertools import takewhile
from pathlib import Path
from pkgutil import walk_packages
from types import ModuleType
from typing import Any

import pytest
import typer
from support.doc_examples import PAGES, matches, record, run_session, session
from support.samples import ROOT

import gbook
from gbook.cli import app
from gbook.errors import GbookError

# How the source names the codes of warnings, and of what `gbook check` finds.
WARNING = r'\b(?:Warn|Note|_note)\(\s*"([a-z_]+)"'
FINDING = r'\b(?:of_problems|error|warning|found|Note|_note)\(\s*"([a-z_]+)"'
RECORDING = os.environ.get("GBOOK_RECORD") == "1"
# Pages whose sessions take long are slow tests, except for recording.
LONG = (
    ()
    if RECORDING
    else (
        "after-booking.md",
        "errors.md",
        "guests.md",
        "json.md",
        "profiles.md",
        "read-only-members.md",
        "recipes.md",
        "workspace.md",
    )
)


@pytest.mark.skipif(sys.platform != "linux", reason="the pages show the tools of Linux")
@pytest.mark.parametrize(
    "page",
    [
        pytest.param(page, marks=[pytest.mark.slow] * (page.name in LONG), id=page.name)
        for page in PAGES
        if session(page)
    ],
)
def test_examples_give_what_the_page_shows(page: Path, tmp_path: Path) -> None:
    """Every command of a page succeeds and prints the output below it."""
    examples = session(page)
    outcomes = run_session(examples, tmp_path)
    if RECORDING:
        record(page, examples, outcomes)
        examples = session(page)
    assert len(outcomes) == len(examples), outcomes[-1]
    for example, outcome in zip(examples, outcomes, strict=True):
        shown = "\n".join([f"{page.name}:{example.begin}: $ {example.command}", *outcome.output])
        assert matches(example.expected, outcome.output), shown
        assert outcome.code == 0, shown


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_a_file_and_a_heading(page: Path) -> None:
    """Every link inside the repository has a target."""
    for link in re.findall(r"(?:\]\(|src(?:set)?=\")([^)\s\"]+)[)\"]", prose(page)):
        if re.match(r"https?://|mailto:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        if anchor:
            assert anchor in set(anchors(target)), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_that_a_page_names_exist(page: Path) -> None:
    """Commands and options in code that is not run exist too."""
    for line in mentioned(page):
        unknown = unknown_words(line)
        assert not unknown, f"{line}: {', '.join(unknown)}"


def test_generated_parts_are_fresh() -> None:
    """Reference tables, the list of commands and the pictures are up to date with docs/generate.py."""
    generated = load_generator().generated()
    for path, text in generated.items():
        assert path.read_text(encoding="utf-8") == text, "python docs/generate.py renews it"
    assert set((ROOT / "docs" / "images").glob("*.svg")) <= set(generated), "a picture that nothing draws"


def test_every_error_code_is_told() -> None:
    """The page of errors has a section for each code."""
    page = ROOT / "docs" / "reference" / "errors.md"
    import_all()
    codes = {error.code for error in all_subclasses(GbookError)} | {GbookError.code}
    assert codes <= set(anchors(page))


def test_every_error_of_the_api_is_told() -> None:
    """The page of the API has each status and code with which an error is answered."""
    page = (ROOT / "docs" / "reference" / "http-api.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| (\d{3}) \| `(\w+)` \|", page, re.MULTILINE))
    source = "".join(path.read_text("utf-8") for path in (ROOT / "src/gbook/service").rglob("*.py"))
    written = set(re.findall(r"(?:ApiError|Refusal)[(,]\s*(\d{3}),\s*\"(\w+)\"", source))
    assert written
    # What is a bug has no entry.
    assert written - told - {("500", "failure")} == set()


@pytest.mark.parametrize(("pattern", "heading"), [(WARNING, "Warnings"), (FINDING, "check")])
def test_every_code_of_a_warning_is_told(pattern: str, heading: str) -> None:
    """Every code of a warning or a finding is in the tables of docs/reference/json.md."""
    code = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "src").rglob("*.py")))
    section = (
        (ROOT / "docs" / "reference" / "json.md")
        .read_text(encoding="utf-8")
        .partition(f"\n## {heading}\n")[2]
    )
    told = set(re.findall(r"`([a-z_]+)`", section.partition("\n## ")[0]))
    assert set(re.findall(pattern, code)) - told == set()


def test_the_tests_that_hold_a_promise_exist() -> None:
    """Tests that a page names as `folder/test_file.py::test_name` exist."""
    named = {name for page in PAGES for name in re.findall(r"`([\w/]+\.py)::(test_\w+)`", prose(page))}
    assert named
    for file, name in named:
        assert f"def {name}(" in (ROOT / "tests" / file).read_text(encoding="utf-8"), (file, name)


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "docs/reference/glossary.md"])
def test_the_modules_that_a_page_names_exist(name: str) -> None:
    """Paths such as `engine/quorum.py` or `calendars/ics/` exist in src/gbook/ or in the repository."""
    named = set(re.findall(r"`((?:\w+/)+(?:\w+\.py)?|\w+\.py)`", (ROOT / name).read_text(encoding="utf-8")))
    homes = (ROOT / "src" / "gbook", ROOT, ROOT / "src" / "gbook" / "cli")
    assert {path for path in named if not any((home / path).exists() for home in homes)} == set()
    assert named


def load_generator() -> ModuleType:
    """Import docs/generate.py, which is in no package."""
    spec = spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec and spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def import_all() -> None:
    for module in walk_packages(gbook.__path__, "gbook."):
        if not module.name.endswith("__main__"):
            import_module(module.name)


def all_subclasses(kind: type[GbookError]) -> Iterator[type[GbookError]]:
    for subclass in kind.__subclasses__():
        yield subclass
        yield from all_subclasses(subclass)


def prose(page: Path) -> str:
    """Return a page without its code blocks."""
    return re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def anchors(page: Path) -> Iterator[str]:
    """Yield the link names of a page's headings."""
    for heading in re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def mentioned(page: Path) -> Iterator[str]:
    """Yield the gbook command lines of a page: in its sh blocks and between backquotes."""
    text = page.read_text(encoding="utf-8")
    for block in re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            yield from re.findall(r"(?<![\w/.])gbook [a-z-][^|&;#)]*", line)
    yield from re.findall(r"`(gbook [a-z-][^`|]*)`", prose(page))


def unknown_words(line: str) -> list[str]:
    """Return the commands and options of a command line that the program does not know."""
    command: Any = typer.main.get_command(app)
    unknown = []
    options = set()
    for word in shlex.split(line)[1:]:
        options |= {option for parameter in command.params for option in (*parameter.opts, "--help")}
        name = "".join(takewhile(lambda letter: letter != "=", word))
        if name.startswith("-") and name != "-":
            unknown += [word] if name not in options else []
        elif hasattr(command, "get_command") and re.fullmatch("[a-z-]+", word):
            if (found := command.get_command(None, word)) is None:
                return [*unknown, word]
            command = found
    return unknown
