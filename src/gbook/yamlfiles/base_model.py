"""The base class of the models that are read from YAML files."""

import msgspec

__all__ = ["Model"]


class Model(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A frozen model with camelCase keys in files, as in the API. Unknown keys are refused."""
