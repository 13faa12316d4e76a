"""`gbook client …` from outside: documents, messages, exit codes, and what is kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.running import Gbook
from support.terminal import ENTER, terminal

CONFIG = """\
accounts:
  - {id: alice, name: Alice Liddell, email: alice@example.com}
  - {id: 7, email: seven@example.com}
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "gbook.yaml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def kept(root: Path) -> dict[str, list[dict[str, object]]]:
    """The content of the file, without what differs from run to run."""
    content: dict[str, list[dict[str, object]]] = json.loads((root / ".gbook/clients.json").read_text())
    return content


def test_a_client_is_added(gbook: Gbook, root: Path) -> None:
    """The document has what a client needs, and nothing else."""
    added = gbook.json("client", "add", "website")
    assert list(added) == ["clientId", "clientSecret"]
    (client,) = kept(root)["clients"]
    assert (client["id"], client["name"]) == (added["clientId"], "website")


def test_a_secret_is_printed_for_curl(gbook: Gbook, root: Path) -> None:
    """One line, for `curl -u "$(gbook client add website --basic)"`; --json has it in members."""
    result = gbook("client", "add", "website", "--basic")
    client_id, _, secret = result.out.removesuffix("\n").partition(":")
    (client,) = kept(root)["clients"]
    assert client["id"] == client_id and secret.startswith("gbook_secret_") and len(result.out.split()) == 1
    assert gbook("client", "add", "website", "--basic", "--json").code == 2
    assert len(kept(root)["clients"][0]["secrets"]) == 1  # type: ignore[arg-type]


def test_a_secret_is_shown_once(gbook: Gbook, root: Path) -> None:
    """In the answer of `add`, and in no other."""
    shown = gbook("client", "add", "website")
    secret = next(line.split()[1] for line in shown.out.splitlines() if line.startswith("clientSecret"))
    assert "shown only now" in shown.out and shown.err == ""
    later = [gbook("client", "list"), gbook("client", "list", "--json"), gbook("client", "remove", "website")]
    assert all(secret not in result.out + result.err for result in later)


def test_a_secret_is_rotated(gbook: Gbook, root: Path) -> None:
    """The second for the same id; a third only after the older one is gone."""
    first, second = (gbook.json("client", "add", "website") for _ in range(2))
    assert first["clientId"] == second["clientId"] and first["clientSecret"] != second["clientSecret"]
    third = gbook("client", "add", "website")
    assert third.code == 2
    assert third.err == (
        "gbook: client website already has 2 secrets; when nothing uses the older one any more: "
        "gbook client remove website --old\n"
    )
    assert gbook.json("client", "remove", "website", "--old") == {"status": "Ok"}
    assert len(kept(root)["clients"][0]["secrets"]) == 1  # type: ignore[arg-type]
    again = gbook("client", "remove", "website", "--old")
    assert again.code == 2 and "has one secret only" in again.err
    assert "The older secret works too" in gbook("client", "add", "website").out


def test_a_client_is_removed(gbook: Gbook, root: Path) -> None:
    """A client that is added later with its name is another one."""
    before = gbook.json("client", "add", "website")
    assert gbook("client", "remove", "website").out == "Removed client website.\n"
    assert kept(root)["clients"] == []
    assert gbook.json("client", "add", "website")["clientId"] != before["clientId"]


def test_an_unknown_client_is_not_found(gbook: Gbook, root: Path) -> None:
    """The nearest name is suggested, and nothing is made."""
    assert gbook("client", "remove", "website").code == 4
    assert not (root / ".gbook").exists()
    gbook("client", "add", "website")
    result = gbook("client", "remove", "webste")
    assert result.code == 4 and "did you mean website?" in result.err


@pytest.mark.parametrize("name", ["", "a b", "a:b", ".a", "é\n", "x" * 101])
def test_a_name_is_plain(gbook: Gbook, root: Path, name: str) -> None:
    """It becomes part of command lines."""
    result = gbook("client", "add", name)
    assert result.code == 2 and result.err.startswith("gbook: NAME: expected letters")
    assert not (root / ".gbook").exists()


def test_clients_and_accounts_are_listed(gbook: Gbook, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients in the order in which they were added, then accounts; without secrets."""
    monkeypatch.setenv("GBOOK_NOW", "2026-11-24T12:00:00Z")
    ids = [gbook.json("client", "add", name)["clientId"] for name in ("website", "app")]
    gbook("client", "token", "7")
    monkeypatch.setenv("GBOOK_NOW", "2026-11-25T12:00:00Z")
    gbook("client", "add", "website")
    days = "2026-11-24T12:00:00Z", "2026-11-25T12:00:00Z"
    assert gbook.json("client", "list")["records"] == [
        {"kind": "client", "id": ids[0], "name": "website", "created": [*days]},
        {"kind": "client", "id": ids[1], "name": "app", "created": [days[0]]},
        {"kind": "account", "id": 7, "name": "7", "created": [days[0]]},
    ]
    table = gbook("client", "list").out
    assert "Tue 24 Nov 2026, Wed 25 Nov 2026" in table and "sha256" not in table
    assert (
        gbook("client", "list", "--format", "{name} {kind}").out == "website client\napp client\n7 account\n"
    )
    assert gbook("client", "list", "--limit", "1").out.endswith("Showing 1 of 3. More: --offset 1\n")


def test_without_clients_the_list_says_how_to_begin(gbook: Gbook, root: Path) -> None:
    """And makes no folder."""
    assert gbook("client", "list").out == "No clients. Next: gbook client add NAME\n"
    assert gbook.json("client", "list")["records"] == []
    assert not (root / ".gbook").exists()


def test_an_account_gets_tokens(gbook: Gbook, root: Path) -> None:
    """Two at most, by its id as documents show it; then they are revoked."""
    first, second = (gbook.json("client", "token", "7") for _ in range(2))
    assert first["accountId"] == second["accountId"] == 7 and first["token"] != second["token"]
    third = gbook("client", "token", "7")
    assert third.code == 2 and "gbook client token 7 --revoke --old" in third.err
    assert gbook.json("client", "token", "7", "--revoke", "--old") == {"status": "Ok"}
    assert gbook("client", "token", "7", "--revoke", "--old").code == 2
    assert gbook("client", "token", "7", "--revoke").out == "Revoked 1 token of account 7.\n"
    again = gbook("client", "token", "7", "--revoke")
    assert (again.code, again.err) == (4, "gbook: account 7 has no token\n")


def test_a_token_needs_an_account(gbook: Gbook, root: Path) -> None:
    """One of gbook.yaml."""
    result = gbook("client", "token", "alic")
    assert result.code == 4 and "did you mean alice?" in result.err
    assert gbook("client", "token", "alice", "--old").code == 2
    assert not (root / ".gbook").exists()


def test_a_removed_account_leaves_no_token(gbook: Gbook, root: Path) -> None:
    """Else an account that is added later with the same id would have it."""
    gbook("client", "token", "alice")
    assert gbook("account", "remove", "alice").code == 0
    assert kept(root)["accounts"] == []


def test_removing_an_account_without_tokens_makes_no_folder(gbook: Gbook, root: Path) -> None:
    """Only a client or a token needs it."""
    assert gbook("account", "remove", "alice").code == 0
    assert not (root / ".gbook").exists()


def test_clients_need_no_valid_workspace(gbook: Gbook, root: Path) -> None:
    """A leaked secret can be removed whatever gbook.yaml looks like."""
    gbook("client", "add", "website")
    (root / "gbook.yaml").write_text("accounts: 7\n")
    assert gbook("client", "remove", "website").code == 0


def test_a_person_is_asked_before_a_client_is_removed(gbook: Gbook, root: Path) -> None:
    """Enter means no."""
    gbook("client", "add", "website")
    with terminal("client", "remove", "website", folder=root) as person:
        person.wait("Remove client website?")
        person.press(ENTER)
        code, shown = person.end()
    assert code == 130, shown
    assert len(kept(root)["clients"]) == 1


def test_names_are_completed(gbook: Gbook, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients for `remove`, accounts for `token`."""
    gbook("client", "add", "website")

    def offered(words: str) -> str:
        monkeypatch.setenv("_GBOOK_COMPLETE", "complete_bash")
        monkeypatch.setenv("COMP_WORDS", words.replace(" ", "\n"))
        monkeypatch.setenv("COMP_CWORD", "3")
        return gbook().out

    assert offered("gbook client remove w").split() == ["website"]
    assert offered("gbook client token a").split() == ["alice"]
