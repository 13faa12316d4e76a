"""Whether everybody found the same busy time; a benchmark of different answers means nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime

__all__ = ["Answer", "differences", "gbook_answer", "peer_answer"]

Answer = dict[str, list[tuple[int, int]]]


def gbook_answer(document: bytes) -> Answer:
    """The busy spans of each account (seconds since 1970) in a document of `gbook busy --json`."""
    return {
        item["accountId"]: [(_instant(span["start"]), _instant(span["end"])) for span in item["busy"]]
        for item in json.loads(document)["items"]
    }


def peer_answer(lines: bytes) -> Answer:
    """The same from a peer, which prints a JSON line for each account."""
    rows = map(json.loads, lines.splitlines())
    return {row["accountId"]: [(start, end) for start, end in row["busy"]] for row in rows}


def differences(name: str, answer: Answer, reference: Answer) -> list[str]:
    """One line for each span that only one of the two has."""
    found = []
    for account in sorted(answer.keys() | reference.keys()):
        ours, theirs = set(reference.get(account, ())), set(answer.get(account, ()))
        found += [f"{name}: {account} also busy {_shown(span)}" for span in sorted(theirs - ours)]
        found += [f"{name}: {account} not busy {_shown(span)}" for span in sorted(ours - theirs)]
    return found


def _instant(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def _shown(span: tuple[int, int]) -> str:
    start, end = (datetime.fromtimestamp(instant, UTC) for instant in span)
    return f"{start:%Y-%m-%dT%H:%M:%SZ}/{end:%Y-%m-%dT%H:%M:%SZ}"
