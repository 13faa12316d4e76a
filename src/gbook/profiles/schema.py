"""The JSON Schema of a profile (draft 2020-12), which editors complete from."""

from __future__ import annotations

from typing import Any

import msgspec

from gbook.profiles.model import Profile
from gbook.yamlfiles.field_types import ACCOUNT_ID_FORMAT

__all__ = ["profile_schema"]


def profile_schema() -> dict[str, Any]:
    """The schema, by the keys of a profile's file."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(Profile)}
    _admit_integers(schema)
    return schema


def _admit_integers(schema: Any) -> None:
    """Account ids are text in the model, but a file may have the API's integers."""
    if isinstance(schema, dict):
        if schema.get("format") == ACCOUNT_ID_FORMAT:
            del schema["format"]
            schema["type"] = ["string", "integer"]
        for part in schema.values():
            _admit_integers(part)
    elif isinstance(schema, list):
        for part in schema:
            _admit_integers(part)
