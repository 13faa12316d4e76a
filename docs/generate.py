"""The generated parts of docs/: python docs/generate.py writes them.

The reference tables of profiles.md and workspace.md come from the models, commands.md from the help of the
commands, http-api.md from the table of routes, the pictures in images/ from commands in the sample workspace.
tests/test_docs.py fails if one of them is out of date.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator
from html import escape
from io import StringIO
from itertools import groupby
from pathlib import Path
from typing import Any, NoReturn
from unittest.mock import patch

import msgspec
import typer
from api_reference import api_reference

from gbook.cli import app, run
from gbook.profiles.schema import profile_schema
from gbook.render import console
from gbook.render.console import Console, Direct
from gbook.workspace.config import Config
from gbook.yamlfiles.field_types import ACCOUNT_ID_FORMAT

__all__ = ["generated"]

DOCS = Path(__file__).parent
WORDS = {"string": "text", "integer": "integer", "boolean": "true or false", "object": "keys and values"}
# A Monday morning in New York.
PICTURE_NOW = "2026-11-30T13:00:00Z"
PICTURE_WIDTHS, PICTURE_HEIGHT = (60, 80, 140), 30
# A view, and the command whose output is its picture. Commands fit the narrowest width.
PICTURES = {
    "days": "gbook availability --to friday",
    "list": "gbook availability --view list --required 4 --to tuesday",
    "grid": "gbook availability --view grid --required 2 --to friday",
    "people": "gbook availability --view people --required 3",
    "text": "gbook availability --view text --required all",
    "busy": "gbook busy --to friday",
    "agenda": "gbook agenda alice bob carol dave --to tuesday",
}
# The paper, its edge, the ink, and red, green and yellow.
THEMES = {
    "light": ("#ffffff", "#d0d7de", "#1f2328", "#cf222e", "#1a7f37", "#9a6700"),
    "dark": ("#0d1117", "#30363d", "#e6edf3", "#ff7b72", "#3fb950", "#d29922"),
}
ANSI_CLASSES = {"1": "bold", "2": "dim", "7": "reverse", "31": "red", "32": "green", "33": "yellow"}
FONTS = "'DejaVu Sans Mono',Menlo,Consolas,ui-monospace,monospace"
CELL, LINE, MARGIN = 8.4, 18, 14
# The opacity of a block or rule, its upper edge in the line, and its height.
SHAPES = {"█": (1, 0, 18), "▓": (0.7, 0, 18), "▒": (0.45, 0, 18), "░": (0.2, 0, 18), "─": (0.5, 9, 1)}

# The characters of a line, each with its style.
Line = list[tuple[str, str]]


def generated() -> dict[Path, str]:
    """Return the text of every generated file."""
    parts = {
        "reference/profiles.md": _reference(profile_schema()),
        "reference/workspace.md": _reference(msgspec.json.schema(Config), "profiles.md"),
        "reference/commands.md": _commands(),
        "reference/http-api.md": api_reference(),
    }
    pictures = {DOCS / "images" / name: picture for name, picture in _pictures()}
    return {DOCS / name: _filled(name, lines) for name, lines in parts.items()} | pictures


def _filled(name: str, lines: Iterator[str]) -> str:
    """Return a page with the lines between its two marks."""
    before, mark, rest = (DOCS / name).read_text(encoding="utf-8").partition("<!-- generated -->\n")
    _, end, after = rest.partition("<!-- end -->\n")
    return f"{before}{mark}\n" + "".join(f"{line}\n" for line in lines) + f"{end}{after}"


def _reference(schema: dict[str, Any], other_page: str = "") -> Iterator[str]:
    """Yield a table for each object of a schema, the outermost first; `other_page` has the profile's."""
    described = profile_schema()["$defs"] if other_page else {}
    references, done = [schema["$ref"]], set()
    for reference in references:
        name = reference.rpartition("/")[2]
        if name in done or name in described:
            continue
        done.add(name)
        part = schema["$defs"][name]
        yield from (f"### {part['title']}", "", part["description"], "")
        yield from ("| key | type | default | meaning |", "|---|---|---|---|")
        for key, field in part["properties"].items():
            default = "required" if key in part.get("required", ()) else _default(field)
            kind = re.sub(
                rf"\(#({'|'.join(map(str.lower, described))})\)", rf"({other_page}#\1)", _type(field)
            )
            yield f"| `{key}` | {kind} | {default} | {field['description']} |"
            references += re.findall(r"'(#/\$defs/\w+)'", repr(field))
        yield ""


def _type(field: dict[str, Any]) -> str:
    """Return the type of a field in words, with its bounds or choices."""
    if reference := field.get("$ref"):
        name = reference.rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if choices := field.get("enum"):
        return ", ".join(f"`{choice}`" for choice in choices)
    if choices := field.get("anyOf"):
        return " or ".join(_type(choice) for choice in choices if choice.get("type") != "null")
    if items := field.get("items"):
        return f"list of {_type(items)}"
    kind = {"date": "date", "date-time": "date and time", ACCOUNT_ID_FORMAT: "account id"}.get(
        field.get("format", ""), "account id" if isinstance(field["type"], list) else WORDS[field["type"]]
    )
    low, high = field.get("minimum"), field.get("maximum")
    return kind if low is None else f"{kind}, {low} or more" if high is None else f"{kind}, {low} to {high}"


def _default(field: dict[str, Any]) -> str:
    """Return the default of a field if it is a plain value, or nothing."""
    match field.get("default"):
        case None | "" | [*_] | {}:
            return ""
        case str(text):
            return f"`{text}`"
        case value:
            return f"`{msgspec.json.encode(value).decode()}`"


def _commands() -> Iterator[str]:
    """Yield the help of every command."""
    root: Any = typer.main.get_command(app)
    context = typer.Context(root, info_name="gbook")
    yield from ("## gbook", "", *_options(root, context))
    for name in root.list_commands(context):
        command = root.get_command(context, name)
        if hasattr(command, "list_commands"):
            inner = typer.Context(command, parent=context, info_name=name)
            for part in command.list_commands(inner):
                yield from _command(command.get_command(inner, part), inner, part)
        else:
            yield from _command(command, context, name)


def _command(command: Any, parent: typer.Context, name: str) -> Iterator[str]:
    context = typer.Context(command, parent=parent, info_name=name)
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    yield from (f"## {context.command_path}", "", command.help or "", "")
    yield from ("```text", usage.replace("{", "").replace("}", ""), "```", "")
    if (command.epilog or "").startswith("Example: "):
        yield from (f"Example: `{command.epilog.removeprefix('Example: ')}`", "")
    yield from _options(command, context)


def _options(command: Any, context: typer.Context) -> Iterator[str]:
    parameters = command.get_params(context)
    if parameters := [each for each in parameters if "--help" not in each.opts and not each.hidden]:
        yield from ("| option | meaning |", "|---|---|")
        for parameter in parameters:
            names, text = parameter.get_help_record(context)
            # The brackets at the end come from typer, and differ between its versions.
            meaning = text.partition("  [")[0] + (" Required." if parameter.required else "")
            yield "| `{}` | {} |".format(names.replace("|", r"\|"), meaning.replace("|", r"\|"))
        yield ""


def _pictures() -> Iterator[tuple[str, str]]:
    """Yield the name and the content of each picture of a view."""
    previous = dict(os.environ)
    os.environ |= {"GBOOK_WORKSPACE": str(DOCS.parent), "GBOOK_NOW": PICTURE_NOW, "GBOOK_INDEX": "off"}
    try:
        for view, command in PICTURES.items():
            for width in PICTURE_WIDTHS:
                lines = _screen(command, width)
                for theme in THEMES:
                    yield f"{view}-{width}-{theme}.svg", _svg(lines, width, theme)
    finally:
        os.environ.clear()
        os.environ.update(previous)


def _screen(command: str, width: int) -> list[Line]:
    """Return what a terminal of this width shows of a command, the command included."""
    output = StringIO()
    terminal = Console(_no_rich, Direct(output, width, True, True, PICTURE_HEIGHT))
    with patch.object(console, "stdout_console", lambda: terminal):
        code = run(shlex.split(command)[1:])
    assert code == 0, command
    lines = [_cells(line) for line in f"$ {command}\n{output.getvalue()}".splitlines()]
    return [line[start : start + width] for line in lines for start in range(0, max(1, len(line)), width)]


def _no_rich() -> NoReturn:
    raise AssertionError("the views are drawn without rich")


def _cells(line: str) -> Line:
    """Return the characters of a line, each with its style: the classes of the picture."""
    cells, style = [], ""
    for codes, text in re.findall(r"\x1b\[([\d;]*)m|([^\x1b]+)", line):
        if text:
            cells += [(letter, style) for letter in text]
        else:
            style = " ".join(ANSI_CLASSES[code] for code in codes.split(";") if code != "0")
    return cells


def _svg(lines: list[Line], width: int, theme: str) -> str:
    """Return the picture of a terminal. Blocks and rules are shapes, so that no font leaves gaps in them."""
    paper, edge, ink, red, green, yellow = THEMES[theme]
    right, bottom = width * CELL + 2 * MARGIN, len(lines) * LINE + 2 * MARGIN
    rules = (
        f"text{{font:14px {FONTS};white-space:pre}}.bold{{font-weight:bold}}.dim{{opacity:.6}}"
        f".red{{fill:{red}}}.green{{fill:{green}}}.yellow{{fill:{yellow}}}text.reverse{{fill:{paper}}}"
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{right:g}" height="{bottom}" '
        f'viewBox="0 0 {right:g} {bottom}" fill="{ink}">',
        f"<style>{rules}</style>",
        f'<rect x=".5" y=".5" width="{right - 1:g}" height="{bottom - 1}" rx="6" fill="{paper}" '
        f'stroke="{edge}"/>',
    ]
    for row, line in enumerate(lines):
        parts += _row(line, MARGIN + row * LINE)
    return "\n".join([*parts, "</svg>", ""])


def _row(line: Line, top: float) -> Iterator[str]:
    """Yield the shapes and texts of a line whose upper edge is `top`."""
    at = 0
    for (shape, style), run_of_cells in groupby(
        line, lambda cell: (cell[0] if cell[0] in SHAPES else "", cell[1])
    ):
        text = "".join(letter for letter, _ in run_of_cells)
        left, length = MARGIN + at * CELL, len(text) * CELL
        at += len(text)
        name = f' class="{style}"' if style else ""
        if shape:
            opacity, upper, height = SHAPES[shape]
            yield (
                f'<rect x="{left:g}" y="{top + upper:g}" width="{length:g}" height="{height}" '
                f'fill-opacity="{opacity}"{name}/>'
            )
            continue
        if "reverse" in style:
            yield f'<rect x="{left:g}" y="{top:g}" width="{length:g}" height="{LINE}"/>'
        if text.strip():
            # Each word has its own place, so that columns stay aligned in any font.
            for word in re.finditer(r"\S+(?: \S+)*", text):
                start, size = left + word.start() * CELL, len(word[0]) * CELL
                yield (
                    f'<text x="{start:g}" y="{top + 13:g}" textLength="{size:g}"{name}>'
                    f"{escape(word[0])}</text>"
                )


def main() -> None:
    """Write the generated files."""
    for path, text in generated().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
