"""From plain data to a model, collecting every problem instead of stopping at the first.

msgspec stops at the first thing wrong; here each leaf is given to msgspec by itself, and Structs, lists and
mappings are walked. Only runs when a file is new or has changed.
"""

from __future__ import annotations

import re
import types
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
from msgspec import Meta

from gbook.errors import Problem, did_you_mean
from gbook.yamlfiles.field_types import found

__all__ = ["MAX_PROBLEMS", "Check", "Converter", "key_parts"]

# More than this nobody reads.
MAX_PROBLEMS = 100

Keys = tuple[str | int, ...]
# What else is wrong with a model, by what it is used for.
Check = Callable[[Any], Iterable[Problem]]
_BAD: Any = object()
_KINDS = {str: "text", int: "a whole number", float: "a number", bool: "true or false", type(None): "null"}


class _Enough(Exception):
    """There are MAX_PROBLEMS problems already."""


class Converter:
    """One conversion; `problems` are pairs of key path and message, in the order of the document."""

    def __init__(self, check: Check | None = None) -> None:
        self.problems: list[tuple[Keys, str]] = []
        self._check = check

    def convert(self, value: Any, kind: Any) -> Any:
        """`value` as `kind`; anything at all where that is a problem."""
        with suppress(_Enough):
            return self._convert(value, kind, ())
        return _BAD

    def _convert(self, value: Any, kind: Any, keys: Keys) -> Any:
        metas: list[Meta] = []
        while get_origin(kind) is Annotated:
            kind, *extra = get_args(kind)
            metas += [item for item in extra if isinstance(item, Meta)]
        for meta in metas:
            if reader := (meta.extra or {}).get("read"):
                try:
                    value = reader(value)
                except ValueError as error:
                    return self._bad(keys, str(error))
        origin = get_origin(kind)
        if origin in (Union, types.UnionType):
            return self._union(value, get_args(kind), metas, keys)
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            return self._struct(value, kind, keys)
        if origin in (list, tuple):
            return self._items(value, origin, get_args(kind)[0], keys)
        if origin is dict:
            return self._entries(value, get_args(kind)[1], keys)
        return self._leaf(value, kind, metas, keys)

    def _bad(self, keys: Keys, message: str) -> Any:
        self.problems.append((keys, message))
        if len(self.problems) == MAX_PROBLEMS:
            self.problems.append(((), "and perhaps more: these are the first"))
            raise _Enough
        return _BAD

    def _leaf(self, value: Any, kind: Any, metas: list[Meta], keys: Keys) -> Any:
        constrained = kind
        for meta in metas:
            constrained = Annotated[constrained, meta]
        try:
            return msgspec.convert(value, constrained)
        except msgspec.ValidationError:
            return self._bad(
                keys, f"expected {_expected(kind, metas)}, found {found(value)}{_near(value, kind)}"
            )

    def _union(self, value: Any, kinds: tuple[Any, ...], metas: list[Meta], keys: Keys) -> Any:
        if value is None and type(None) in kinds:
            return None
        chosen = [kind for kind in kinds if kind is not type(None)]
        if len(chosen) == 1:
            return self._convert(value, Annotated[chosen[0], *metas] if metas else chosen[0], keys)
        return self._leaf(value, Union[tuple(chosen)], metas, keys)  # noqa: UP007  (built at run time)

    def _items(self, value: Any, origin: Any, kind: Any, keys: Keys) -> Any:
        if not isinstance(value, list | tuple):
            return self._bad(keys, f"expected a list, found {found(value)}")
        return origin(self._convert(item, kind, (*keys, i)) for i, item in enumerate(value))

    def _entries(self, value: Any, kind: Any, keys: Keys) -> Any:
        if not isinstance(value, dict):
            return self._bad(keys, f"expected keys and values, found {found(value)}")
        return {key: self._convert(item, kind, (*keys, key)) for key, item in value.items()}

    def _struct(self, value: Any, kind: type[msgspec.Struct], keys: Keys) -> Any:
        if not isinstance(value, dict):
            return self._bad(keys, f"expected keys and values, found {found(value)}")
        before = len(self.problems)
        fields = _fields(kind)
        given: dict[str, Any] = {}
        for key, item in value.items():
            if (field := fields.get(key)) is None:
                self._bad((*keys, key), f"unknown key{did_you_mean(key, fields)}")
            else:
                given[field.name] = self._convert(item, field.type, (*keys, key))
        for key, field in fields.items():
            if field.required and key not in value:
                self._bad(keys, f"{key!r} is missing")
        sound = {name: item for name, item in given.items() if _is_sound(item)}
        if any(field.required and field.name not in sound for field in fields.values()):
            return _BAD
        broken = {key for key, field in fields.items() if field.name in given and field.name not in sound}
        made = kind(**sound)
        for problem in self._rules(made, keys):
            below = key_parts(problem.key or "")
            if not below or below[0] not in broken:
                self._bad((*keys, *below), problem.message)
        return made if len(self.problems) == before else _BAD

    def _rules(self, made: msgspec.Struct, keys: Keys) -> Iterator[Problem]:
        """What is wrong between the fields, as far as they are sound by themselves."""
        if hasattr(made, "check"):
            yield from made.check()
        if self._check and not keys:
            yield from self._check(made)


def key_parts(key: str) -> Keys:
    """`accounts[0].email` as ("accounts", 0, "email")."""
    parts = re.findall(r"\[(\d+)\]|([^.\[\]]+)", key)
    return tuple(int(number) if number else name for number, name in parts)


def _is_sound(item: Any) -> bool:
    if isinstance(item, list | tuple | dict):
        return all(map(_is_sound, item.values() if isinstance(item, dict) else item))
    return item is not _BAD


@cache
def _fields(kind: type[msgspec.Struct]) -> dict[str, msgspec.structs.FieldInfo]:
    return {field.encode_name: field for field in msgspec.structs.fields(kind)}


def _expected(kind: Any, metas: list[Meta]) -> str:
    if get_origin(kind) is Annotated:
        inner, *extra = get_args(kind)
        return _expected(inner, [*metas, *(item for item in extra if isinstance(item, Meta))])
    if get_origin(kind) is Literal:
        return _alternatives(list(map(str, get_args(kind))))
    if get_origin(kind) in (Union, types.UnionType):
        return " or ".join(_expected(part, []) for part in get_args(kind))
    if kind.__name__ == "date":
        return "a date such as 2026-11-24"
    least = next((meta.ge for meta in metas if meta.ge is not None), None)
    most = next((meta.le for meta in metas if meta.le is not None), None)
    bounds = f" from {least} to {most}" if most is not None else f" of at least {least}"
    return _KINDS.get(kind, str(kind)) + (bounds if least is not None else "")


def _alternatives(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _near(value: Any, kind: Any) -> str:
    parts = get_args(kind) if get_origin(kind) in (Union, types.UnionType) else (kind,)
    words = [str(word) for part in parts if get_origin(part) is Literal for word in get_args(part)]
    return did_you_mean(value, words) if words and isinstance(value, str) else ""
