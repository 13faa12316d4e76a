"""Tokens: the same for one thing and purpose as long as the key stays, and of no use for another."""

from __future__ import annotations

import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from gbook.errors import GbookError, InvalidFile
from gbook.workspace.tokens import ConfirmTokens, FormToken, FormTokens, OfferTokens, RescheduleTokens
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


def test_a_token_serves_one_purpose(workspace: Workspace) -> None:
    """A guest who may see a booking can neither confirm it nor pick a time of an offer by the same token."""
    workspace.config_path.write_text("serve: {baseUrl: https://book.example.com}\n")
    opened = open_workspace(workspace.root)
    purposes = [RescheduleTokens(opened), OfferTokens(opened), ConfirmTokens(opened)]
    for one in purposes:
        token = one.of(UID)
        assert [other.is_for(token, UID) for other in purposes] == [other is one for other in purposes]
        assert one.url(UID).endswith(f"/b/{one.purpose}/{token}")


class TestForms:
    """A form's token is made at a time, once, for one form."""

    def test_it_says_its_age_and_nonce(self, workspace: Workspace) -> None:
        """The nonce is another for each form."""
        forms = FormTokens(workspace)
        token = forms.of("demo", 1_000)
        assert re.fullmatch(r"[\w-]{44}", token, re.ASCII)
        read = forms.read(token, "demo", 1_007)
        assert read is not None
        assert re.fullmatch(r"[\w-]{16}", read.nonce, re.ASCII)
        assert read.age == 7
        assert forms.read(token, "demo", 999) == FormToken(read.nonce, -1)
        other = forms.read(forms.of("demo", 1_000), "demo", 1_000)
        assert other is not None
        assert other.nonce != read.nonce

    def test_an_old_one_is_read(self, workspace: Workspace) -> None:
        """How old one may be is a matter of the form."""
        forms = FormTokens(workspace)
        read = forms.read(forms.of("demo", 0), "demo", 86_400)
        assert read is not None
        assert read.age == 86_400

    def test_a_forged_one_is_none(self, workspace: Workspace) -> None:
        """Whichever of its characters is another, and whatever text it is."""
        forms = FormTokens(workspace)
        token = forms.of("demo", 1_000)
        changed = [f"{token[:i]}{'A' if token[i] != 'A' else 'B'}{token[i + 1 :]}" for i in range(len(token))]
        spelled = (
            token.replace("-", "+").replace("_", "/") + "====",
            f"{token}=",
            f" {token}",
            f"{token}AAAA",
        )
        for forged in (
            *changed,
            *spelled,
            token[:-4],
            token[:-1],
            "",
            "A",
            "A" * 44,
            "ü",
            "\udcff",
            "\0" * 44,
        ):
            assert forms.read(forged, "demo", 1_000) is None, forged

    def test_another_form_or_workspace_does_not_take_it(
        self, workspace: Workspace, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        """The name of the form and the key are in its proof; so is its purpose."""
        token = FormTokens(workspace).of("demo", 1_000)
        root = tmp_path_factory.mktemp("other")
        (root / "gbook.yaml").write_text("accounts: []\n")
        assert FormTokens(open_workspace(root)).read(token, "demo", 1_000) is None
        for name in ("review", "", "dem", "demo "):
            assert FormTokens(workspace).read(token, name, 1_000) is None
        assert not RescheduleTokens(workspace).is_for(token, "demo")
