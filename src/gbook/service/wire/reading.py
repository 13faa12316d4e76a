"""Bodies and query parameters, read into models; the answer to what is wrong names every problem."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from gbook.service.problems import invalid
from gbook.yamlfiles.key_paths import key_path
from gbook.yamlfiles.validation import Converter

__all__ = ["read_body", "read_query"]

T = TypeVar("T", bound=msgspec.Struct)


def read_body(raw: bytes, model: type[T]) -> T:
    """Return the body of a request, JSON (RFC 8259), as a model. Raises Refusal with all problems."""
    if not raw.strip():
        raise invalid(("", "expected a JSON object, found no body"))
    return _convert(_parse(raw), model)


def read_query(parameters: Mapping[str, str | Sequence[str]], model: type[T]) -> T:
    """Return query parameters as a model; an empty one is absent. Raises Refusal with all problems."""
    return _convert({name: value for name, value in parameters.items() if value}, model)


def _convert(data: Any, model: type[T]) -> T:
    converter = Converter()
    converted: T = converter.convert(data, model)
    if converter.problems:
        raise invalid(*((key_path(keys), message) for keys, message in converter.problems))
    return converted


def _parse(raw: bytes) -> Any:
    """Return JSON as plain data. Raises Refusal.

    msgspec refuses what RFC 8259 does not allow, such as NaN and lone surrogates; json finds repeated keys.
    """
    try:
        data = msgspec.json.decode(raw)
        json.loads(raw, object_pairs_hook=_once)
    except UnicodeDecodeError:
        raise invalid(("", "expected JSON in UTF-8")) from None
    except RecursionError:
        raise invalid(("", "expected JSON with fewer levels")) from None
    except (msgspec.MsgspecError, ValueError) as error:
        raise invalid(("", f"expected JSON: {_fault(raw, error)}")) from None
    return data


def _fault(raw: bytes, error: Exception) -> str:
    """Return what is wrong with JSON; of half a character msgspec says that the data ended."""
    try:
        json.dumps(json.loads(raw), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return "a text has half of a character (a lone surrogate)"
    except (ValueError, RecursionError):
        pass
    return str(error)


def _once(pairs: list[tuple[str, Any]]) -> None:
    """Raise ValueError for a key that an object has twice."""
    keys = set()
    for key, _ in pairs:
        if key in keys:
            raise ValueError(f"an object has the key {key!r} twice")
        keys.add(key)
