"""Documents on stdin, and replies of guests as files or mails."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.fuzz_corpus import REPLY, values
from support.fuzz_mutations import Mutation, mutated, mutations
from support.fuzz_runner import BOOK, gbook, restored, tried
from support.sandbox import tree

pytestmark = pytest.mark.fuzz


@tried(60)
@given(
    st.one_of(
        mutations, values, st.fixed_dictionaries({"items": values, "required": values, "profile": values})
    )
)
@example([("flip", 2, 2, 128)])
def test_a_document_on_stdin_is_refused_or_used(workspace: Path, made: Any) -> None:
    """An availability document, mutated, or any JSON: nothing is written unless the command succeeds."""
    listed = gbook("availability", "--json").out.encode()
    is_mutation = isinstance(made, list) and made and isinstance(made[0], tuple)
    document = mutated(listed, made) if is_mutation else json.dumps(made).encode()
    with restored(workspace) as before:
        if gbook(*BOOK, "--slot", "-", "--json", stdin=document).code:
            assert tree(workspace) == before
        if gbook("profile", "create", "x", "--file", "-", stdin=document).code:
            assert "profiles/x.yaml" not in tree(workspace)


@tried(80)
@given(st.booleans(), mutations)
def test_a_mutated_reply_is_refused_or_recorded(
    workspace: Path, in_mail: bool, changes: list[Mutation]
) -> None:
    """A guest's REPLY (RFC 5546), as a file or in a mail, mutated."""
    uid = json.loads(gbook("booking", "list", "--json").out)["records"][0]["id"]
    text = REPLY.format(uid=uid)
    content = text if in_mail else text[text.index("BEGIN:VCAL") : text.index("\n--x--")]
    with restored(workspace) as before:
        file = workspace.parent / "reply"
        file.write_bytes(mutated(content.encode(), changes))
        if gbook("booking", "reply", str(file), "--json").code:
            assert tree(workspace) == before
