"""Tokens of bookings: the same for a booking as long as the key stays, and of no use for another."""

from __future__ import annotations

import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from gbook.errors import GbookError, InvalidFile
from gbook.workspace.tokens import RescheduleTokens
from gbook.workspace.workspace import Workspace, open_workspace

UID = "c4ca4238-a0b9-4382-8dcc-509a6f75849b@gbook"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "gbook.yaml").write_text("accounts: []\n")
    return open_workspace(tmp_path)


@pytest.fixture
def key(workspace: Workspace) -> Path:
    return workspace.root / ".gbook/token-key"


def test_a_token_is_of_one_booking(workspace: Workspace) -> None:
    """Any other text is not, whatever its characters."""
    tokens = RescheduleTokens(workspace)
    token = tokens.of(UID)
    assert re.fullmatch(r"[\w-]{22}", token, re.ASCII)
    assert tokens.is_for(token, UID)
    for other in ("", token[:-1], f"{token}=", token.swapcase(), "ü", "\udcff"):
        assert not tokens.is_for(other, UID)
    assert not tokens.is_for(token, UID.upper())


def test_the_key_is_made_once_and_for_its_owner(workspace: Workspace, key: Path) -> None:
    """Later runs have the same tokens; Git does not see the key."""
    token = RescheduleTokens(workspace).of(UID)
    assert RescheduleTokens(workspace).of(UID) == token
    assert (stat.S_IMODE(key.stat().st_mode), stat.S_IMODE(key.parent.stat().st_mode)) == (0o600, 0o700)
    assert len(key.read_bytes()) == 32
    assert (key.parent / ".gitignore").read_text() == "*\n"
    key.write_bytes(bytes(32))
    assert RescheduleTokens(workspace).of(UID) != token


def test_a_token_is_the_authenticated_uid(workspace: Workspace, key: Path) -> None:
    """Tokens that were sent stay valid in later versions: half of HMAC-SHA256, by a key and a UID."""
    RescheduleTokens(workspace)
    key.write_bytes(bytes(range(32)))
    assert RescheduleTokens(workspace).of("1@gbook") == "CYnbmDqqBnUKWJ-kOAmJ3Q"


def test_processes_agree_about_the_key(workspace: Workspace) -> None:
    """However many make it at the same time."""
    code = (
        "import sys; from gbook.workspace.tokens import RescheduleTokens;"
        " from gbook.workspace.workspace import open_workspace; sys.stdin.readline();"
        " print(RescheduleTokens(open_workspace(sys.argv[1])).of('1@gbook'))"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(workspace.root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(6)
    ]
    for process in processes:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    assert len({process.communicate(timeout=60)[0] for process in processes}) == 1
    assert all(process.returncode == 0 for process in processes)


def test_a_damaged_key_is_not_replaced(workspace: Workspace, key: Path) -> None:
    """A new one would end all links without a word."""
    RescheduleTokens(workspace)
    key.write_bytes(b"short")
    with pytest.raises(InvalidFile, match="expected 32 bytes, found 5; restore it"):
        RescheduleTokens(workspace)
    key.write_bytes(bytes(32))
    key.chmod(0o644)
    with pytest.raises(InvalidFile, match="other users can read it"):
        RescheduleTokens(workspace)
    key.unlink()
    key.mkdir()
    with pytest.raises(GbookError, match="token-key"):
        RescheduleTokens(workspace)


def test_a_link_begins_with_the_public_address(workspace: Workspace) -> None:
    """Without one it is empty: no text gets half a link."""
    tokens = RescheduleTokens(workspace)
    token = tokens.of(UID)
    assert tokens.links(UID) == {"rescheduleToken": token, "manageUrl": ""}
    workspace.config_path.write_text("serve: {baseUrl: https://book.example.com}\n")
    links = RescheduleTokens(open_workspace(workspace.root)).links(UID)
    assert links == {"rescheduleToken": token, "manageUrl": f"https://book.example.com/b/booking/{token}"}
