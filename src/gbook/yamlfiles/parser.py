"""Parsing of YAML 1.2 and JSON text to plain data.

By the core schema of YAML 1.2, 17:00 and `no` are text and 010 is ten. Duplicate keys are refused, and so are
documents too deep or too large to parse safely.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from gbook.errors import InvalidFile, Problem
from gbook.yamlfiles import MEBIBYTE
from gbook.yamlfiles.quoting import quote

__all__ = ["compose", "parse_yaml"]

_MAX_DEPTH = 60
_MAX_NODES = 500_000
_MAX_DIGITS = 4_000  # of a number; Python stops at 4300
_TOO_DEEP = f"nested more than {_MAX_DEPTH} levels deep"
_TOO_LARGE = f"more than {_MAX_NODES:,} values, counting each use of an alias"
_INT = re.compile(r"[-+]?[0-9]+")


def parse_yaml(text: str, path: Path | str, limit: int = MEBIBYTE) -> Any:
    """Return the plain data of a document: dict with text keys, list, str, int, float, bool or None.

    Raises InvalidFile, which names the file as `path`, for more than `limit` characters too.
    """
    if len(text) > limit:
        raise InvalidFile(str(path), [f"is larger than {limit // MEBIBYTE} MiB"])
    builder = _Builder()
    node = compose(text, str(path))
    data = None if node is None else builder.build(node)
    if builder.problems:
        raise InvalidFile(str(path), builder.problems)
    return data


def compose(text: str, path: str) -> Any:
    """Return PyYAML's tree of nodes, or None for an empty document. Raises InvalidFile."""
    import yaml

    text = _json_as_yaml(text)
    try:
        if _may_be_excessive(text):
            _refuse_excessive(text, path)
        return yaml.compose(text, Loader=_loader())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise InvalidFile(path, [_syntax_problem(error, text, mark)]) from None
    except yaml.YAMLError as error:
        reason = getattr(error, "reason", None) or str(error).splitlines()[0]
        raise InvalidFile(path, [f"not YAML text: {reason}"]) from None


def _may_be_excessive(text: str) -> bool:
    """Return whether a document may exceed the limits of depth and size: a cheap test before the exact one.

    PyYAML recurses: deep nesting, by brackets or by indentation, could crash it.
    """
    return (
        text.count("[") + text.count("{") > 1000
        or sum(map(text.count, "[{,:?-\n")) > _MAX_NODES
        or any(len(line) > 1000 for line in text.split("\n"))
    )


def _refuse_excessive(text: str, path: str) -> None:
    """Raise InvalidFile for a document beyond the limits of depth and size, without building its tree."""
    import yaml

    depth = count = 0
    for event in yaml.parse(text, Loader=_loader()):
        count += isinstance(event, yaml.NodeEvent)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _MAX_DEPTH or count > _MAX_NODES:
            line = event.start_mark.line + 1 if event.start_mark else None
            raise InvalidFile(path, [Problem(_TOO_DEEP if depth > _MAX_DEPTH else _TOO_LARGE, line=line)])


def _json_as_yaml(text: str) -> str:
    """Replace surrogate pairs, as JSON escapes emoji, by their characters: YAML does not join the pairs."""
    if "\\u" not in text or not text.lstrip().startswith(("{", "[")):
        return text
    pair = re.compile(r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")

    def joined(match: re.Match[str]) -> str:
        units = bytes.fromhex(match[2] + match[3])
        return match[1] + units.decode("utf-16-be")

    return pair.sub(joined, text)


def _syntax_problem(error: Any, text: str, mark: Any) -> Problem:
    """Return libyaml's error with a hint for the common mistakes."""
    line = mark.line if mark else None
    if mark and _open_brackets(text[: mark.index]) > _MAX_DEPTH:
        return Problem(_TOO_DEEP, line=mark.line + 1)
    reason = str(error.problem or error.context or "not YAML")
    lines = text.splitlines()
    culprit = lines[line] if line is not None and line < len(lines) else ""
    if "cannot start any token" in reason and "\t" in culprit:
        reason = "indent with spaces, not with tabs"
    elif "{{" in text and re.search(r":\s+\{\{", culprit + (lines[line - 1] if line else "")):
        reason = "text that begins with {{ needs quotes around it"
    elif "single document" in str(error.context):
        reason = "expected one document, found a second one"
    elif "cannot start any token" in reason:
        reason = "text that begins with this character needs quotes around it"
    elif "alias" in reason:
        reason = f"{reason}; text that begins with * needs quotes around it"
    elif "did not find expected" in reason:
        reason = f"{reason}; check the indentation and the quotes"
    return Problem(f"not valid YAML: {reason}", line=None if line is None else line + 1)


_QUOTED_OR_COMMENT = re.compile(
    r"""
    "(?:\\.|[^"\\])*+(?:"|\Z)
    | '[^']*+(?:'|\Z)
    | (?<!\S)\#[^\n]*+
    """,
    re.VERBOSE | re.DOTALL,
)


def _open_brackets(text: str) -> int:
    """Return how many brackets are open at the end of `text`.

    libyaml parses ahead of its events, and some versions have their own limit of depth, which they reach
    before `_refuse_excessive` does.
    """
    bare = _QUOTED_OR_COMMENT.sub("", text)
    return sum(map(bare.count, "[{")) - sum(map(bare.count, "]}"))


_CORE_SCHEMA: dict[str, tuple[str, list[str]]] = {  # tag: (pattern of its scalars, their first characters)
    "bool": (r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    "int": (r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
    "float": (
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        list("-+.0123456789"),
    ),
    "null": (r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    "merge": (r"<<", ["<"]),
}
_LOADERS: list[Any] = []


def _loader() -> Any:
    """Return a loader class with the core schema of YAML 1.2 (§10.3.2), based on libyaml if it is there."""
    if _LOADERS:
        return _LOADERS[0]
    import yaml

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  (PyYAML's convention)

    for tag, (pattern, first) in _CORE_SCHEMA.items():
        Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"(?:{pattern})$"), first)
    _LOADERS.append(Loader)
    return Loader


class _Builder:
    """Conversion of nodes to plain data.

    Each use of an alias is built and counted separately, so a document that expands exponentially, or
    contains itself, is refused early.
    """

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.count = 0

    def build(self, node: Any, depth: int = 0) -> Any:
        """Return the plain data of a node; errors are added to `problems`."""
        self.count += 1
        if depth > _MAX_DEPTH or self.count > _MAX_NODES:
            self._refuse(node, _TOO_DEEP if depth > _MAX_DEPTH else _TOO_LARGE)
            return None
        if node.id == "scalar":
            return self._scalar(node)
        if node.id == "sequence":
            return [self.build(item, depth + 1) for item in node.value if not self.problems]
        return self._mapping(node, depth)

    def _mapping(self, node: Any, depth: int) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        own: dict[str, Any] = {}
        lines: dict[str, int] = {}
        for key_node, value_node in node.value:
            if self.count > _MAX_NODES or depth > _MAX_DEPTH:
                break
            value = self.build(value_node, depth + 1)
            if key_node.id != "scalar":
                self._refuse(
                    key_node, "expected a key, found a list or mapping; text with {{ }} needs quotes"
                )
            elif key_node.tag == "tag:yaml.org,2002:merge":
                for part in reversed(value if isinstance(value, list) else [value]):
                    merged.update(part if isinstance(part, dict) else {})
            elif key_node.value in own:
                key, line = key_node.value, lines[key_node.value]
                self._refuse(key_node, f"duplicate key {quote(key)} (first on line {line})")
            else:
                lines[key_node.value] = key_node.start_mark.line + 1
                own[key_node.value] = value
        return merged | own

    def _scalar(self, node: Any) -> Any:
        tag, text = node.tag.rpartition(":")[2], node.value
        match tag:
            case "str" | "merge" | "!":
                return text
            case "null":
                return None
            case "bool" if text.lower() in ("true", "false"):
                return text.lower() == "true"
            case "int" | "float":
                try:
                    return _number(text)
                except ValueError:
                    self._refuse(
                        node, f"expected a number of at most {_MAX_DIGITS} digits, found {quote(text)}"
                    )
                    return None
        self._refuse(node, f"unsupported tag {quote(node.tag)} for {quote(text)}")
        return None

    def _refuse(self, node: Any, message: str) -> None:
        self.problems.append(Problem(message, line=node.start_mark.line + 1))


def _number(text: str) -> int | float:
    if len(text) > _MAX_DIGITS:
        raise ValueError("too many digits")
    if _INT.fullmatch(text):
        return int(text)
    if text.startswith(("0o", "0x")):
        return int(text, 0)
    return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
