"""Changing the accounts of gbook.yaml keeps what a person wrote in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gbook.accounts.editing import add_account, remove_account, update_account
from gbook.errors import UsageError
from gbook.workspace.workspace import Workspace, open_workspace

WRITTEN = """\
timezone: europe/berlin
accounts:
  # the boss
  - id: alice
    name: Alice Liddell
    email: alice@example.com
    timezone: America/New_York
  - {id: 7, email: seven@example.com}
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "gbook.yaml").write_text(WRITTEN)
    return open_workspace(tmp_path)


def test_an_account_is_added_at_the_end(workspace: Workspace) -> None:
    """In the file's own indentation."""
    data = {"id": "bob", "email": "bob@example.com", "calendars": ["calendars/bob.ics"]}
    assert add_account(workspace, data, create=True).id == "bob"
    assert workspace.config_path.read_text() == WRITTEN + (
        "  - id: bob\n    number: 8\n    email: bob@example.com\n    calendars:\n      - calendars/bob.ics\n"
    )


@pytest.mark.parametrize("account_id", ["alice", 7, "7"])
def test_an_id_is_given_once(workspace: Workspace, account_id: str | int) -> None:
    """Nothing is written."""
    with pytest.raises(UsageError, match="already exists"):
        add_account(workspace, {"id": account_id, "email": "x@example.com"})
    assert workspace.config_path.read_text() == WRITTEN


def test_an_empty_list_is_filled_in_block_style(tmp_path: Path) -> None:
    """`accounts: []` is what `gbook init` writes."""
    (tmp_path / "gbook.yaml").write_text("# team\naccounts: []  # none yet\n# the end\n")
    add_account(open_workspace(tmp_path), {"id": "bob", "email": "bob@example.com"})
    written = (tmp_path / "gbook.yaml").read_text()
    assert "\n  - id: bob\n    number: 1\n    email: bob@example.com\n" in written
    assert "# team" in written
    assert "# the end" in written


def test_an_update_is_a_merge_patch(workspace: Workspace) -> None:
    """Null removes a key; the id stays."""
    updated = update_account(workspace, "alice", {"name": None, "timezone": "europe/paris"})
    assert (updated.name, updated.timezone) == (None, "Europe/Paris")
    assert "# the boss" in workspace.config_path.read_text()
    with pytest.raises(UsageError, match="the id cannot change"):
        update_account(workspace, "alice", {"id": "al"})


def test_an_account_in_use_stays(workspace: Workspace) -> None:
    """A profile that named it would become invalid."""
    workspace.profiles_path.mkdir()
    (workspace.profiles_path / "sales.yaml").write_text("optional: [alice]")
    with pytest.raises(UsageError, match="used by sales"):
        remove_account(workspace, "alice")
    remove_account(workspace, "7")
    assert list(open_workspace(workspace.root).accounts) == ["alice"]


def test_an_addition_can_be_repeated(workspace: Workspace) -> None:
    """The number that the first run gave is no difference; one that is asked for is."""
    data = {"id": "bob", "email": "bob@example.com"}
    assert add_account(workspace, data).number == 8
    after = open_workspace(workspace.root)
    assert add_account(after, data).number == 8
    with pytest.raises(UsageError, match="already exists"):
        add_account(after, {**data, "number": 9})


def test_an_integer_id_needs_no_number(workspace: Workspace) -> None:
    """It is the number; other accounts count on from it."""
    assert add_account(workspace, {"id": 20, "email": "x@example.com"}).number is None
    after = open_workspace(workspace.root)
    assert add_account(after, {"id": "bob", "email": "bob@example.com"}).number == 21
    assert (
        add_account(open_workspace(workspace.root), {"id": "zoe", "email": "z@x.org", "number": 0}).number
        == 0
    )
