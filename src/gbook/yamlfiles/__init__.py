"""Reading, checking and editing the user's YAML files."""

__all__ = ["MEBIBYTE"]

MEBIBYTE = 1 << 20
