"""One module for each command: parse, call one function, render.

All of them use msgspec, so it is imported here, without typing_extensions: msgspec needs nothing from it that
`typing` does not have, but imports it where it is installed, which takes longer than msgspec itself.
"""

import sys

if "typing_extensions" not in sys.modules:
    sys.modules["typing_extensions"] = None  # type: ignore[assignment]  # an import of it fails
    try:
        import msgspec  # noqa: F401
    finally:
        del sys.modules["typing_extensions"]
