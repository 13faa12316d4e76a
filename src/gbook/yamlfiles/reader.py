"""Reading and checking YAML: the one way from a file of the user's to a model.

`parse_yaml` reads YAML 1.2 (17:00 and `no` are text, 010 is ten) and JSON, refuses duplicate keys and
bounds what a hostile file can cost. `convert` turns plain data into a msgspec Struct and reports every
problem of the document at once. `load` does both, and remembers the result in the index, so that a file
which has not changed is neither parsed nor checked again. `gbook.yamlfiles.editor` writes.

A Struct's field may name a reader, `Annotated[str, Meta(extra={"read": reader})]`: it gets the value first
and raises ValueError with what was expected. A Struct may have `check(self) -> Iterator[Problem]` for rules
between its fields.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import msgspec

from gbook import __version__
from gbook.errors import InvalidFile, NotFound, Problem
from gbook.yamlfiles.field_types import quote

if TYPE_CHECKING:
    from gbook.yamlfiles.validation import Check

__all__ = ["MEBIBYTE", "Memory", "convert", "decode_text", "line_finder", "load", "parse_yaml", "read_text"]

MEBIBYTE = 1 << 20
_MAX_DEPTH = 60
_MAX_NODES = 500_000
_MAX_INT = 4_000  # digits; Python itself stops at 4300
_TOO_DEEP = f"expected a plain document, found one nested more than {_MAX_DEPTH} deep"
_TOO_LARGE = f"expected a plain document, found more than {_MAX_NODES} values, aliases filled in"
_INT = re.compile(r"[-+]?[0-9]+")

T = TypeVar("T", bound=msgspec.Struct)
Key = str | int


class Memory(Protocol):
    """What `load` asks of the index. Both methods know the file by its fingerprint."""

    def get(self, path: str, context: str) -> bytes | None: ...

    def put(self, path: str, context: str, data: bytes) -> None: ...


def load(
    path: Path,
    model: type[T],
    memory: Memory | None = None,
    limit: int = MEBIBYTE,
    check: Check | None = None,
) -> T:
    """The model that a file holds. Raises InvalidFile with all its problems, NotFound without a file.

    `check` tells more problems of a file that is read; one that is remembered is the caller's to check.
    """
    context = f"{__version__} {model.__module__}.{model.__qualname__}"
    if memory is not None and (blob := memory.get(str(path), context)) is not None:
        with suppress(msgspec.MsgspecError):  # a damaged memory costs time, never an answer
            return msgspec.msgpack.decode(blob, type=model)
    text = read_text(path, limit)
    loaded = convert(parse_yaml(text, path, limit), model, path, text, check)
    if memory is not None:
        memory.put(str(path), context, msgspec.msgpack.encode(loaded))
    return loaded


def read_text(path: Path, limit: int = MEBIBYTE) -> str:
    """The text of a file of at most `limit` bytes. Raises NotFound or InvalidFile."""
    try:
        if path.is_dir():
            raise InvalidFile(str(path), ["expected a file, found a folder"])
        with path.open("rb") as file:
            raw = file.read(limit + 1)
    except FileNotFoundError:
        raise NotFound(f"no such file: {path}", path=str(path)) from None
    return decode_text(raw, str(path), limit)


def decode_text(raw: bytes, path: str, limit: int = MEBIBYTE) -> str:
    """Return UTF-8 text of at most `limit` bytes. Raises InvalidFile, which calls it `path`."""
    if len(raw) > limit:
        raise InvalidFile(path, [f"expected at most {limit // MEBIBYTE} MiB of YAML, found more"])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InvalidFile(path, [Problem("expected UTF-8 text, found other bytes", line=line)]) from None


# --- YAML and JSON to plain data


def parse_yaml(text: str, path: Path | str, limit: int = MEBIBYTE) -> Any:
    """Plain data (dict with text keys, list, str, int, float, bool, None). Raises InvalidFile."""
    if len(text) > limit:
        raise InvalidFile(str(path), [f"expected at most {limit // MEBIBYTE} MiB of YAML, found more"])
    builder = _Builder()
    node = _compose(text, str(path))
    data = None if node is None else builder.build(node)
    if builder.problems:
        raise InvalidFile(str(path), builder.problems)
    return data


def _compose(text: str, path: str) -> Any:
    """The tree of nodes of one document, or None of an empty one."""
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
        raise InvalidFile(path, [f"expected YAML text: {reason}"]) from None


def _may_be_excessive(text: str) -> bool:
    """Whether brackets or columns are many enough to nest so deep that PyYAML, which recurses, may crash, or
    marks many enough for more values than its tree has room for."""
    return (
        text.count("[") + text.count("{") > 1000
        or sum(map(text.count, "[{,:?-\n")) > _MAX_NODES
        or any(len(line) > 1000 for line in text.split("\n"))
    )


def _refuse_excessive(text: str, path: str) -> None:
    import yaml

    depth = count = 0
    for event in yaml.parse(text, Loader=_loader()):
        count += isinstance(event, yaml.NodeEvent)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _MAX_DEPTH or count > _MAX_NODES:
            line = event.start_mark.line + 1 if event.start_mark else None
            raise InvalidFile(path, [Problem(_TOO_DEEP if depth > _MAX_DEPTH else _TOO_LARGE, line=line)])


def _json_as_yaml(text: str) -> str:
    """JSON writes emoji as surrogate pairs, which YAML does not know: the characters that they mean."""
    if "\\u" not in text or not text.lstrip().startswith(("{", "[")):
        return text
    pair = re.compile(r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")

    def joined(match: re.Match[str]) -> str:
        units = bytes.fromhex(match[2] + match[3])
        return match[1] + units.decode("utf-16-be")

    return pair.sub(joined, text)


def _syntax_problem(error: Any, text: str, mark: Any) -> Problem:
    """Return libyaml's complaint in words that say what to do."""
    line = mark.line if mark else None
    if mark and _open_brackets(text[: mark.index]) > _MAX_DEPTH:
        return Problem(_TOO_DEEP, line=mark.line + 1)
    said = str(error.problem or error.context or "not YAML")
    lines = text.splitlines()
    culprit = lines[line] if line is not None and line < len(lines) else ""
    if "cannot start any token" in said and "\t" in culprit:
        said = "YAML is indented with spaces, found a tab"
    elif "{{" in text and re.search(r":\s+\{\{", culprit + (lines[line - 1] if line else "")):
        said = "text that begins with {{ needs quotes around it"
    elif "single document" in str(error.context):
        said = "expected one document, found a second one"
    elif "cannot start any token" in said:
        said = "text that begins with this character needs quotes around it"
    elif "alias" in said:
        said = f"{said}; text that begins with * needs quotes around it"
    return Problem(f"not valid YAML: {said}", line=None if line is None else line + 1)


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

    libyaml looks ahead of its events, and some versions have a limit of their own: they stop before
    `_refuse_excessive` has seen the depth.
    """
    bare = _QUOTED_OR_COMMENT.sub("", text)
    return sum(map(bare.count, "[{")) - sum(map(bare.count, "]}"))


_CORE_SCHEMA: dict[str, tuple[str, list[str]]] = {  # tag: the scalars that have it, their first characters
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
    """libyaml's parser (the Python one where it is missing) with the core schema of YAML 1.2 (§10.3.2)."""
    if _LOADERS:
        return _LOADERS[0]
    import yaml

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  (PyYAML's own way)

    for tag, (pattern, first) in _CORE_SCHEMA.items():
        Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"(?:{pattern})$"), first)
    _LOADERS.append(Loader)
    return Loader


class _Builder:
    """Nodes to plain data. An alias is built anew each time, and counted: a document that would grow beyond
    all bounds, or holds itself, is refused before it does."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.count = 0

    def build(self, node: Any, depth: int = 0) -> Any:
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
                self._refuse(key_node, f"key {quote(key)} is here twice; line {line} has it already")
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
                    pass
        self._refuse(node, f"expected plain YAML, found {quote(text)} with the tag {quote(node.tag)}")
        return None

    def _refuse(self, node: Any, message: str) -> None:
        self.problems.append(Problem(message, line=node.start_mark.line + 1))


def _number(text: str) -> int | float:
    if len(text) > _MAX_INT:
        raise ValueError("too many digits")
    if _INT.fullmatch(text):
        return int(text)
    if text.startswith(("0o", "0x")):
        return int(text, 0)
    return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))


# --- plain data to a model


def convert(
    data: Any, model: type[T], path: Path | str, text: str | None = None, check: Check | None = None
) -> T:
    """The model of plain data. Raises InvalidFile with every problem: its key, what was expected, what was
    found, and its line where `text` is what the data was parsed from.
    """
    from gbook.yamlfiles.validation import Converter

    if data is None:
        raise InvalidFile(str(path), ["expected keys and values, found an empty document"])
    converter = Converter(check)
    converted = converter.convert(data, model)
    if converter.problems:
        raise InvalidFile(str(path), _with_lines(converter.problems, text, str(path)))
    return converted  # type: ignore[no-any-return]


def line_finder(text: str, path: Path | str) -> Callable[[str], int | None]:
    """What tells the line of a key, such as `accounts[0].email`, in YAML text, or of the innermost thing
    around it that is there. Raises InvalidFile.
    """
    from gbook.yamlfiles.validation import key_parts

    root = _compose(text, str(path))
    return lambda key: _line_of(root, key_parts(key))


def _with_lines(
    problems: Iterable[tuple[tuple[Key, ...], str]], text: str | None, path: str
) -> Iterator[Problem]:
    root = _compose(text, path) if text is not None else None
    for keys, message in problems:
        yield Problem(message, key=key_path(keys) or None, line=_line_of(root, keys))


def key_path(keys: Iterable[Key]) -> str:
    """`workHours.daySchedules[0].dayOfWeek`."""
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys).lstrip(".")


def _line_of(node: Any, keys: Iterable[Key]) -> int | None:
    """The line of a key, or of the innermost thing around it that the text has."""
    line = None
    for key in keys:
        if node is None:
            break
        if isinstance(key, int):
            node = node.value[key] if node.id == "sequence" and key < len(node.value) else None
            line = node.start_mark.line + 1 if node is not None else line
            continue
        pairs = node.value if node.id == "mapping" else []
        entry = next(((k, v) for k, v in pairs if k.value == key), None)
        line, node = (entry[0].start_mark.line + 1, entry[1]) if entry else (line, None)
    return line
