"""The base class of the models that are sent over HTTP."""

import msgspec

__all__ = ["WireModel"]


class WireModel(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A frozen model with the API's keys. In a body, unknown keys are ignored and null means absent."""
