"""Conversion of plain data to a model that collects every problem instead of stopping at the first.

msgspec stops at its first error, so Structs, lists and mappings are walked here and only their leaves are
given to msgspec. This runs only when a file is new or has changed.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
from msgspec import Meta

from gbook.errors import Problem, did_you_mean
from gbook.yamlfiles.key_paths import Keys, key_parts
from gbook.yamlfiles.quoting import quote

__all__ = ["MAX_PROBLEMS", "Check", "Converter"]

# A longer list helps no one.
MAX_PROBLEMS = 100

# Further rules of a model that depend on its use, such as the accounts that exist.
Check = Callable[[Any], Iterable[Problem]]
_INVALID: Any = object()
_KINDS = {str: "text", int: "a whole number", float: "a number", bool: "true or false", type(None): "null"}


class _TooManyProblems(Exception):
    """MAX_PROBLEMS problems have been reported."""


class Converter:
    """One conversion; `problems` are pairs of key path and message, in the order of the document."""

    def __init__(self, check: Check | None = None) -> None:
        self.problems: list[tuple[Keys, str]] = []
        self._check = check

    def convert(self, value: Any, kind: Any) -> Any:
        """Return `value` as `kind`; the result is meaningless if `problems` is not empty."""
        with suppress(_TooManyProblems):
            return self._convert(value, kind, ())
        return _INVALID

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
                    return self._report(keys, str(error))
        origin = get_origin(kind)
        if origin in (Union, types.UnionType):
            return self._union(value, get_args(kind), metas, keys)
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            return self._struct(value, kind, keys)
        if origin in (list, tuple):
            return self._items(value, origin, get_args(kind)[0], metas, keys)
        if origin is dict:
            return self._entries(value, get_args(kind)[1], keys)
        return self._leaf(value, kind, metas, keys)

    def _report(self, keys: Keys, message: str) -> Any:
        """Add a problem and return the mark of an invalid value."""
        self.problems.append((keys, message))
        if len(self.problems) == MAX_PROBLEMS:
            self.problems.append(((), f"only the first {MAX_PROBLEMS} problems are shown"))
            raise _TooManyProblems
        return _INVALID

    def _leaf(self, value: Any, kind: Any, metas: list[Meta], keys: Keys) -> Any:
        constrained = kind
        for meta in metas:
            constrained = Annotated[constrained, meta]
        try:
            return msgspec.convert(value, constrained)
        except msgspec.ValidationError:
            suggestion = _suggestion(value, kind)
            return self._report(keys, f"expected {_expected(kind, metas)}, found {quote(value)}{suggestion}")

    def _union(self, value: Any, kinds: tuple[Any, ...], metas: list[Meta], keys: Keys) -> Any:
        if value is None and type(None) in kinds:
            return None
        not_null = [kind for kind in kinds if kind is not type(None)]
        if len(not_null) == 1:
            return self._convert(value, Annotated[not_null[0], *metas] if metas else not_null[0], keys)
        return self._leaf(value, Union[tuple(not_null)], metas, keys)  # noqa: UP007  (built at run time)

    def _items(self, value: Any, origin: Any, kind: Any, metas: list[Meta], keys: Keys) -> Any:
        if not isinstance(value, list | tuple):
            return self._report(keys, f"expected a list, found {quote(value)}")
        most = min((meta.max_length for meta in metas if meta.max_length is not None), default=len(value))
        if len(value) > most:
            return self._report(keys, f"expected a list of at most {most}, found {len(value)}")
        return origin(self._convert(item, kind, (*keys, i)) for i, item in enumerate(value))

    def _entries(self, value: Any, kind: Any, keys: Keys) -> Any:
        if not isinstance(value, dict):
            return self._report(keys, f"expected keys and values, found {quote(value)}")
        return {key: self._convert(item, kind, (*keys, key)) for key, item in value.items()}

    def _struct(self, value: Any, model: type[msgspec.Struct], keys: Keys) -> Any:
        if not isinstance(value, dict):
            return self._report(keys, f"expected keys and values, found {quote(value)}")
        problems_before = len(self.problems)
        converted = self._field_values(value, model, keys)
        valid = {name: item for name, item in converted.items() if _is_valid(item)}
        if any(field.required and field.name not in valid for field in _fields(model).values()):
            return _INVALID
        instance = model(**valid)
        invalid_keys = {
            key for key, field in _fields(model).items() if field.name in converted.keys() - valid.keys()
        }
        self._check_rules(instance, invalid_keys, keys)
        return instance if len(self.problems) == problems_before else _INVALID

    def _field_values(self, value: dict[str, Any], model: type[msgspec.Struct], keys: Keys) -> dict[str, Any]:
        """Return the converted values by field name; report missing and forbidden keys."""
        fields = _fields(model)
        converted: dict[str, Any] = {}
        for key, item in value.items():
            if (field := fields.get(key)) is None:
                if model.__struct_config__.forbid_unknown_fields:
                    self._report((*keys, key), f"unknown key{did_you_mean(key, fields)}")
            else:
                converted[field.name] = self._convert(item, field.type, (*keys, key))
        for key, field in fields.items():
            if field.required and key not in value:
                self._report(keys, f"{key!r} is missing")
        return converted

    def _check_rules(self, instance: msgspec.Struct, invalid_keys: set[str], keys: Keys) -> None:
        """Report what breaks a rule between fields, except in fields that are invalid by themselves."""
        for problem in self._broken_rules(instance, keys):
            below = key_parts(problem.key or "")
            if not below or below[0] not in invalid_keys:
                self._report((*keys, *below), problem.message)

    def _broken_rules(self, instance: msgspec.Struct, keys: Keys) -> Iterator[Problem]:
        if hasattr(instance, "check"):
            yield from instance.check()
        if self._check and not keys:
            yield from self._check(instance)


def _is_valid(item: Any) -> bool:
    if isinstance(item, list | tuple | dict):
        return all(map(_is_valid, item.values() if isinstance(item, dict) else item))
    return item is not _INVALID


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


def _suggestion(value: Any, kind: Any) -> str:
    parts = get_args(kind) if get_origin(kind) in (Union, types.UnionType) else (kind,)
    words = [str(word) for part in parts if get_origin(part) is Literal for word in get_args(part)]
    return did_you_mean(value, words) if words and isinstance(value, str) else ""
