"""gbook.yaml and profiles, mutated or with random values."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.fuzz_corpus import KEYS, values
from support.fuzz_mutations import Mutation, mutated, mutations
from support.fuzz_runner import restored, tried, use_config

pytestmark = pytest.mark.fuzz


@tried(20)
@given(st.sampled_from(["gbook.yaml", "profiles/demo.yaml"]), mutations)
@example("profiles/demo.yaml", [("cut", 119, 164, 224), ("odd", 3682, 189, 242)])
@example("gbook.yaml", [("drop line", 0, 0, 0), ("value", 0, 0, 214)])
def test_mutated_yaml_is_refused_or_used(workspace: Path, name: str, changes: list[Mutation]) -> None:
    """gbook.yaml or a profile, mutated: no command writes unless it succeeds."""
    with restored(workspace):
        (workspace / name).write_bytes(mutated((workspace / name).read_bytes(), changes))
        use_config(workspace)


@tried(25)
@given(st.sampled_from(["gbook.yaml", "profiles/demo.yaml"]), st.sampled_from(KEYS), values)
def test_a_random_value_is_refused_or_used(workspace: Path, name: str, key: str, value: object) -> None:
    """Any key of the models with any JSON value."""
    with restored(workspace):
        lines = (workspace / name).read_text().splitlines(keepends=True)
        kept = [line for line in lines if not line.startswith(f"{key}:")]
        (workspace / name).write_text(f"{key}: {json.dumps(value)}\n" + "".join(kept))
        use_config(workspace)
