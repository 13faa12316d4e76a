"""What a meeting needs of a room or a resource: a number of seats, and features."""

from typing import Annotated

from msgspec import Meta

from gbook.yamlfiles.base_model import Model
from gbook.yamlfiles.field_types import Line

__all__ = ["Needs"]


class Needs(Model, frozen=True, kw_only=True):
    """The least capacity and the features that a room or resource must have."""

    capacity: Annotated[
        Annotated[int, Meta(ge=1)] | None,
        Meta(description="Least `capacity`; `--people` may ask for more."),
    ] = None
    features: Annotated[
        tuple[Annotated[Line, Meta(min_length=1)], ...],
        Meta(description="`features` that it must have, in upper or lower case."),
    ] = ()
