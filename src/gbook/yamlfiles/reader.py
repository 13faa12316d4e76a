"""Reading of YAML files into models.

`load` reads a file, checks it and keeps the model in the cache, so that an unchanged file is neither parsed
nor checked again. `convert` turns plain data into a msgspec Struct and reports all problems together.

A field of a Struct may name a reader, `Annotated[str, Meta(extra={"read": reader})]`, which receives the
value first and raises ValueError with what it expected. A Struct may have
`check(self) -> Iterator[Problem]` for rules between its fields.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from gbook import __version__
from gbook.cache import Cache
from gbook.errors import InvalidFile, NotFound, Problem
from gbook.yamlfiles import MEBIBYTE

if TYPE_CHECKING:
    from gbook.yamlfiles.key_paths import Keys
    from gbook.yamlfiles.validation import Check

__all__ = ["convert", "decode_text", "load", "read_text"]

Struct = TypeVar("Struct", bound=msgspec.Struct)


def load(
    path: Path,
    model: type[Struct],
    cache: Cache | None = None,
    limit: int = MEBIBYTE,
    check: Check | None = None,
) -> Struct:
    """Return the model of a file of at most `limit` bytes.

    `check` yields further problems of a file that is read; a model from the cache is not checked by it.
    Raises InvalidFile with all problems, NotFound for a missing file.
    """
    context = f"{__version__} {model.__module__}.{model.__qualname__}"
    if cache is not None and (known := cache.get_value(str(path), context, model)) is not None:
        return known
    from gbook.yamlfiles.parser import parse_yaml

    text = read_text(path, limit)
    loaded = convert(parse_yaml(text, path, limit), model, path, text, check)
    if cache is not None:
        cache.put_value(str(path), context, loaded)
    return loaded


def read_text(path: Path, limit: int = MEBIBYTE) -> str:
    """Return the text of a file of at most `limit` bytes. Raises NotFound, InvalidFile."""
    try:
        if path.is_dir():
            raise InvalidFile(str(path), ["expected a file, found a folder"])
        with path.open("rb") as file:
            raw = file.read(limit + 1)
    except FileNotFoundError:
        raise NotFound(f"no such file: {path}", path=str(path)) from None
    return decode_text(raw, str(path), limit)


def decode_text(raw: bytes, path: str, limit: int = MEBIBYTE) -> str:
    """Return UTF-8 text of at most `limit` bytes. Raises InvalidFile, which names the source as `path`."""
    if len(raw) > limit:
        raise InvalidFile(path, [f"is larger than {limit // MEBIBYTE} MiB"])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InvalidFile(path, [Problem("not UTF-8 text (save the file as UTF-8)", line=line)]) from None


def convert(
    data: Any,
    model: type[Struct],
    path: Path | str,
    text: str | None = None,
    check: Check | None = None,
) -> Struct:
    """Return plain data as a model.

    Raises InvalidFile with every problem: its key, what was expected and found, and its line in `text`, from
    which the data was parsed, if that is given.
    """
    from gbook.yamlfiles.validation import Converter

    if data is None:
        raise InvalidFile(str(path), ["expected keys and values, found an empty document"])
    converter = Converter(check)
    converted = converter.convert(data, model)
    if converter.problems:
        raise InvalidFile(str(path), _with_lines(converter.problems, text, str(path)))
    return converted  # type: ignore[no-any-return]


def _with_lines(problems: Iterable[tuple[Keys, str]], text: str | None, path: str) -> Iterator[Problem]:
    from gbook.yamlfiles.key_paths import key_path, line_of
    from gbook.yamlfiles.parser import compose

    root = compose(text, path) if text is not None else None
    for keys, message in problems:
        yield Problem(message, key=key_path(keys) or None, line=line_of(root, keys))
