"""Mutations of a file: bytes cut, doubled, swapped or replaced, lines added, dropped or exchanged."""

from __future__ import annotations

from hypothesis import strategies as st
from support.fuzz_corpus import ODD_BYTES, ODD_LINES

__all__ = ["Mutation", "mutated", "mutations"]

Mutation = tuple[str, int, int, int]
mutation = st.tuples(
    st.sampled_from(
        [
            "cut",
            "tail",
            "double",
            "swap",
            "delete",
            "flip",
            "odd",
            "line",
            "drop line",
            "double line",
            "swap lines",
            "value",
        ]
    ),
    st.integers(0, 10_000),
    st.integers(0, 10_000),
    st.integers(0, 255),
)
mutations = st.lists(mutation, min_size=1, max_size=5)


def mutated(data: bytes, changes: list[Mutation]) -> bytes:
    """Apply mutations in order; their positions are ten-thousandths of the length."""
    for kind, first, second, number in changes:
        data = _bytes_mutated(data, kind, first, second, number)
    return data


def _bytes_mutated(data: bytes, kind: str, first: int, second: int, number: int) -> bytes:
    if kind in ("line", "drop line", "double line", "swap lines", "value"):
        return _lines_mutated(data.splitlines(keepends=True), kind, first, second, number)
    at, to = sorted(len(data) * position // 10_000 for position in (first, second))
    short = at + min(to - at, 200)
    match kind:
        case "cut":
            return data[:at]
        case "tail":
            return data[at:]
        case "double":
            return data[:short] + data[at:]
        case "swap":
            middle = (at + short) // 2
            return data[:at] + data[middle:short] + data[at:middle] + data[short:]
        case "delete":
            return data[:at] + data[short:]
        case "flip":
            return data[:at] + bytes([number]) + data[at + 1 :]
    return data[:at] + ODD_BYTES[number % len(ODD_BYTES)] + data[at:]


def _lines_mutated(lines: list[bytes], kind: str, first: int, second: int, number: int) -> bytes:
    if lines:
        at, other = (min(len(lines) * position // 10_000, len(lines) - 1) for position in (first, second))
        match kind:
            case "line":
                lines.insert(at, ODD_LINES[number % len(ODD_LINES)] + b"\r\n")
            case "drop line":
                del lines[at]
            case "double line":
                lines.insert(other, lines[at])
            case "swap lines":
                lines[at], lines[other] = lines[other], lines[at]
            case "value":
                name, colon, _ = lines[at].partition(b":")
                _, _, value = lines[other].partition(b":")
                lines[at] = (
                    name + colon + (value if number % 2 else ODD_BYTES[number % len(ODD_BYTES)] + b"\r\n")
                )
    return b"".join(lines)
