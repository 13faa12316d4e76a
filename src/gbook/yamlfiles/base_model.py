"""The base of all models that are read from YAML files."""

import msgspec

__all__ = ["Model"]


class Model(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A frozen model, with the API's camelCase keys in files. Unknown keys are refused."""
