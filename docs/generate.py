"""The generated parts of docs/: python docs/generate.py writes them.

The reference tables of profiles.md and workspace.md come from the models, commands.md from the help of the
commands, the pictures from the sample workspace. tests/test_docs.py fails if one of them is out of date.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial
from io import StringIO
from itertools import product
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import typer

from gbook import Answer, Query, ask, profile_zone
from gbook.cli import app
from gbook.engine.quorum import Required
from gbook.profiles.schema import profile_schema
from gbook.profiles.store import ProfileStore
from gbook.render.console import Console, Direct
from gbook.timeutil.instants import DAY, parse_instant
from gbook.timeutil.zones import find_zone
from gbook.workspace.config import Config
from gbook.workspace.workspace import open_workspace
from gbook.yamlfiles.field_types import ACCOUNT_ID_FORMAT

__all__ = ["generated"]

DOCS = Path(__file__).parent
WORDS = {"string": "text", "integer": "integer", "boolean": "true or false", "object": "keys and values"}
# A Monday morning in New York.
PICTURE_NOW = "2026-11-16T13:00:00Z"
PICTURE_REQUIRED: Required = 2
PICTURE_OPTIONS = " --required 2 --for 5d"
# The views, each with the maximum number of slots; and the columns and lines of their pictures.
PICTURE_VIEWS = {"days": None, "list": 12, "grid": None, "people": None, "text": None}
PICTURE_COLUMNS, PICTURE_LINES = (60, 80, 140), 42
README_COLUMNS = 92
# The font that rich's SVG would fetch from the web.
WEB_FONT = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def generated() -> dict[Path, str]:
    """Return the text of every generated file."""
    parts = {
        "reference/profiles.md": _reference(profile_schema()),
        "reference/workspace.md": _reference(msgspec.json.schema(Config), "profiles.md"),
        "reference/commands.md": _commands(),
    }
    return {DOCS / name: _filled(name, lines) for name, lines in parts.items()} | {
        DOCS / "images" / f"{name}.svg": picture for name, picture in _pictures()
    }


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
    """Yield a name and an SVG for each view of a week of the sample workspace, as a terminal shows it."""
    workspace = open_workspace(DOCS.parent)
    profile = ProfileStore(workspace).choose(None)
    zone, now = profile_zone(workspace, profile), parse_instant(PICTURE_NOW, find_zone("UTC"))
    query = Query(profile=profile, now=now, required=PICTURE_REQUIRED, high=now + 5 * DAY)
    answer = ask(workspace, query)
    yield "grid", _picture("grid", README_COLUMNS, partial(_show_view, "grid", answer, zone))
    for view, columns in product(PICTURE_VIEWS, PICTURE_COLUMNS):
        yield f"{view}-{columns}", _picture(view, columns, partial(_show_view, view, answer, zone))


def _show_view(view: str, answer: Answer, zone: ZoneInfo, console: Console) -> None:
    from gbook.render.people import show_people
    from gbook.render.slots import show_days, show_grid, show_list, show_text

    views = {
        "days": show_days,
        "list": show_list,
        "grid": show_grid,
        "people": show_people,
        "text": show_text,
    }
    views[view](console, answer, zone, PICTURE_VIEWS[view])


def _picture(view: str, columns: int, show: Callable[[Console], None]) -> str:
    """Return an SVG of the command and the output of a view, light or dark as the reader's system is."""
    from rich.console import Console as RichConsole
    from rich.terminal_theme import DEFAULT_TERMINAL_THEME, SVG_EXPORT_THEME
    from rich.text import Text

    output = StringIO()
    recorder = RichConsole(
        record=True, width=columns, file=StringIO(), force_terminal=True, color_system="truecolor"
    )
    show(Console(lambda: recorder, Direct(output, columns, True, True, PICTURE_LINES)))
    limit = f" --limit {PICTURE_VIEWS[view]}" if PICTURE_VIEWS[view] else ""
    recorder.print(f"$ gbook availability --view {view}{PICTURE_OPTIONS}{limit}", highlight=False)
    recorder.print(Text.from_ansi(output.getvalue()))
    dark, light = (
        recorder.export_svg(title="gbook", unique_id=view, theme=theme, clear=False)
        for theme in (SVG_EXPORT_THEME, DEFAULT_TERMINAL_THEME)
    )
    picture = dark.replace("</style>", f"{_colours(dark, light)}</style>", 1)
    return WEB_FONT.sub("", picture).replace("<svg ", '<svg xml:space="preserve" ', 1) + "\n"


def _colours(dark: str, light: str) -> str:
    """Return the style rules that give a dark picture the colours of a light one."""
    rules = re.findall(r"\.[\w-]+\s*\{[^}]*fill:[^}]*\}", light)
    fills = zip(*(re.findall(r' fill="(#\w+)"', picture) for picture in (dark, light)), strict=True)
    rules += [f'[fill="{old}"] {{ fill: {new} }}' for old, new in dict(fills).items() if old != new]
    return "@media (prefers-color-scheme: light) {\n" + "\n".join(rules) + "\n}\n"


def main() -> None:
    """Write the generated files."""
    for path, text in generated().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
