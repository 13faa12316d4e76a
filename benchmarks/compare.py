"""Comparison of the programs' busy time: a benchmark of different answers would mean nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime

__all__ = ["Answer", "differences", "gbook_answer", "peer_answer"]

Answer = dict[str, list[tuple[int, int]]]


def gbook_answer(document: bytes) -> Answer:
    """Return each account's busy intervals (seconds since 1970) from a document of `gbook busy --json`."""
    return {
        item["accountId"]: [
            (_instant(interval["start"]), _instant(interval["end"])) for interval in item["busy"]
        ]
        for item in json.loads(document)["items"]
    }


def peer_answer(lines: bytes) -> Answer:
    """Return the busy intervals of each account from a peer's output, one JSON line for each account."""
    rows = map(json.loads, lines.splitlines())
    return {row["accountId"]: [(start, end) for start, end in row["busy"]] for row in rows}


def differences(name: str, answer: Answer, reference: Answer) -> list[str]:
    """Return one line for each interval that only one of the two answers has."""
    lines = []
    for account in sorted(answer.keys() | reference.keys()):
        ours, theirs = set(reference.get(account, ())), set(answer.get(account, ()))
        lines += [f"{name}: {account} also busy {_shown(interval)}" for interval in sorted(theirs - ours)]
        lines += [f"{name}: {account} not busy {_shown(interval)}" for interval in sorted(ours - theirs)]
    return lines


def _instant(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def _shown(interval: tuple[int, int]) -> str:
    start, end = (datetime.fromtimestamp(instant, UTC) for instant in interval)
    return f"{start:%Y-%m-%dT%H:%M:%SZ}/{end:%Y-%m-%dT%H:%M:%SZ}"
