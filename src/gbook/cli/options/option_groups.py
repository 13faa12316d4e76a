"""Option groups: options that several commands share, declared once as the fields of a dataclass.

    @dataclass(kw_only=True, repr=False, eq=False)
    class GuestOptions:
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
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, get_type_hints

__all__ = ["with_option_groups"]


def with_option_groups(command: Callable[..., None]) -> Callable[..., None]:
    """Return a command in which each parameter that is an option group is replaced by its options."""
    signature = inspect.signature(command, eval_str=True)
    groups = {
        name: parameter.annotation
        for name, parameter in signature.parameters.items()
        if is_dataclass(parameter.annotation)
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
    group: Any = parameter.annotation
    if not is_dataclass(group):
        yield parameter.replace(kind=keyword)
        return
    defaults = {field.name: field.default for field in fields(group) if field.default is not MISSING}
    for name, hint in _hints(parameter.annotation).items():
        default = defaults.get(name, inspect.Parameter.empty)
        yield from _options(inspect.Parameter(name, keyword, default=default, annotation=hint))


def _collect(group: Any, values: dict[str, Any]) -> Any:
    """Take the values of a group's options out of `values` and return the group."""
    return group(
        **{
            name: _collect(hint, values) if is_dataclass(hint) else values.pop(name)
            for name, hint in _hints(group).items()
        }
    )


@functools.cache
def _hints(group: Any) -> dict[str, Any]:
    """Return the annotations of a group's fields."""
    return get_type_hints(group, include_extras=True)
