"""Option groups: options that several commands share, declared once as the fields of a msgspec Struct.

    class GuestOptions(msgspec.Struct, kw_only=True):
        name: Annotated[str | None, typer.Option("--name")] = None
        email: Annotated[str | None, typer.Option("--email")] = None

    @app.command()
    @with_option_groups
    def confirm(ctx: typer.Context, record_id: Id, guest: GuestOptions, as_json: Json = False) -> None: ...

Typer sees one option for each field, in the place of the parameter; the command receives the group.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any, TypeGuard

import msgspec

__all__ = ["with_option_groups"]


def with_option_groups(command: Callable[..., None]) -> Callable[..., None]:
    """Return a command in which each parameter that is an option group is replaced by its options."""
    signature = inspect.signature(command, eval_str=True)
    groups = {
        name: parameter.annotation
        for name, parameter in signature.parameters.items()
        if _is_group(parameter.annotation)
    }
    parameters = [option for item in signature.parameters.values() for option in _options(item)]

    @functools.wraps(command)
    def wrapper(**values: Any) -> None:
        collected = {name: _collect(group, values) for name, group in groups.items()}
        command(**values, **collected)

    wrapper.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    wrapper.__annotations__ = {}
    return wrapper


def _options(parameter: inspect.Parameter) -> Iterator[inspect.Parameter]:
    """Yield the options of a group, of the groups inside it too, or a parameter that is no group."""
    keyword = inspect.Parameter.KEYWORD_ONLY
    if not _is_group(parameter.annotation):
        yield parameter.replace(kind=keyword)
        return
    for field in _fields(parameter.annotation):
        default = inspect.Parameter.empty if field.default is msgspec.NODEFAULT else field.default
        yield from _options(inspect.Parameter(field.name, keyword, default=default, annotation=field.type))


def _collect(group: Any, values: dict[str, Any]) -> Any:
    """Take the values of a group's options out of `values` and return the group."""
    return group(
        **{
            field.name: _collect(field.type, values) if _is_group(field.type) else values.pop(field.name)
            for field in _fields(group)
        }
    )


def _is_group(annotation: Any) -> TypeGuard[type[msgspec.Struct]]:
    return isinstance(annotation, type) and issubclass(annotation, msgspec.Struct)


_fields = functools.cache(msgspec.structs.fields)
