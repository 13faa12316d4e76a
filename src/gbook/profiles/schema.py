"""The JSON Schema of a profile (draft 2020-12), which editors use for completion."""

from __future__ import annotations

from typing import Any

import msgspec

from gbook.profiles.model import Profile
from gbook.yamlfiles.field_types import ACCOUNT_ID_FORMAT

__all__ = ["profile_schema"]


def profile_schema() -> dict[str, Any]:
    """Return the JSON Schema of a profile's file."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(Profile)}
    _admit_integers(schema)
    return schema


def _admit_integers(schema: Any) -> None:
    """Allow integers, as in the API, for account ids, which are text in the model."""
    if isinstance(schema, dict):
        if schema.get("format") == ACCOUNT_ID_FORMAT:
            del schema["format"]
            schema["type"] = ["string", "integer"]
        for part in schema.values():
            _admit_integers(part)
    elif isinstance(schema, list):
        for part in schema:
            _admit_integers(part)
