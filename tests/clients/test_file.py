"""`.gbook/clients.json`: what is seen of a change, what is refused, and who may read it."""

from __future__ import annotations

import json
import os
import stat
import threading
from pathlib import Path

import pytest

from gbook.clients.editing import add_client, add_token, remove_client, revoke_tokens
from gbook.clients.file import CredentialsFile, editing
from gbook.clients.model import Credentials, digest
from gbook.errors import GbookError, InvalidFile, Locked
from gbook.filesystem.flock import patience

NOW = 1_795_000_000
SECRET = {"sha256": "0" * 64, "created": "2026-11-24T12:00:00Z"}
CLIENT = {"id": "c1", "name": "web", "secrets": [SECRET]}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def written(root: Path, content: object, rights: int = 0o600) -> Path:
    """Write a clients.json by hand."""
    path = root / ".gbook/clients.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    path.chmod(rights)
    return path


def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    """Folder, file and lock have no rights for others, whatever the umask and the workspace allow."""
    tmp_path.chmod(0o777)
    before = os.umask(0)
    try:
        add_client(tmp_path, "web", NOW)
        add_client(tmp_path, "app", NOW)
    finally:
        os.umask(before)
    folder = tmp_path / ".gbook"
    assert mode(folder) == 0o700
    assert {path.name for path in folder.iterdir()} == {
        "clients.json", ".clients.json.gbook-lock", ".gitignore",
    }  # fmt: skip
    assert {mode(path) for path in folder.iterdir()} == {0o600}
    assert (folder / ".gitignore").read_text() == "*\n"


def test_a_folder_that_others_can_read_is_closed_first(tmp_path: Path) -> None:
    """It may come from a backup or from `mkdir`."""
    (tmp_path / ".gbook").mkdir(mode=0o755)
    (tmp_path / ".gbook").chmod(0o755)
    add_client(tmp_path, "web", NOW)
    assert mode(tmp_path / ".gbook") == 0o700
    assert mode(tmp_path / ".gbook/clients.json") == 0o600


def test_no_secret_is_in_the_file(tmp_path: Path) -> None:
    """Only its SHA-256 is."""
    secret = add_client(tmp_path, "web", NOW).secret
    token = add_token(tmp_path, "alice", NOW)
    text = (tmp_path / ".gbook/clients.json").read_text()
    assert secret not in text and token not in text
    assert digest(secret) in text and digest(token) in text


def test_a_secret_names_its_kind_and_has_256_bits(tmp_path: Path) -> None:
    """43 characters of base64url, none twice."""
    secrets = [add_client(tmp_path, f"c{number}", NOW).secret for number in range(20)]
    assert {secret[:13] for secret in secrets} == {"gbook_secret_"}
    assert {len(secret) for secret in secrets} == {13 + 43}
    assert len(set(secrets)) == 20
    assert add_token(tmp_path, "alice", NOW).startswith("gbook_token_")


def test_a_change_is_seen_at_the_next_look(tmp_path: Path) -> None:
    """A new client, a second secret, a removed client, a removed file."""
    served = CredentialsFile(tmp_path)
    assert served.read() == Credentials()
    first = add_client(tmp_path, "web", NOW)
    assert served.read().clients == (first.client,)
    second = add_client(tmp_path, "web", NOW + 1)
    assert served.read().clients == (second.client,)
    assert second.client.id == first.client.id
    remove_client(tmp_path, "web")
    assert served.read().clients == ()
    add_token(tmp_path, "alice", NOW)
    assert [tokens.account for tokens in served.read().accounts] == ["alice"]
    revoke_tokens(tmp_path, "alice")
    assert served.read() == Credentials()
    Path(served.path).unlink()
    assert served.read() == Credentials()


def test_an_unchanged_file_is_parsed_once(tmp_path: Path) -> None:
    """Each request looks; only a change costs, and a file that was changed a moment ago."""
    add_client(tmp_path, "web", NOW)
    served = CredentialsFile(tmp_path)
    assert served.read() is not served.read()
    os.utime(served.path, (NOW, NOW))
    before = served.read()
    assert served.read() is before
    add_client(tmp_path, "app", NOW)
    os.utime(served.path, (NOW, NOW))
    after = served.read()
    assert after is not before and served.read() is after


@pytest.mark.parametrize("rights", [0o604, 0o640, 0o660, 0o666, 0o644])
def test_a_file_that_others_can_read_is_refused(tmp_path: Path, rights: int) -> None:
    """Even one that was read before; the message has the command that mends it."""
    add_client(tmp_path, "web", NOW)
    served = CredentialsFile(tmp_path)
    assert served.read().clients
    path = Path(served.path)
    path.chmod(rights)
    can = "change" if rights & 0o022 else "read"
    with pytest.raises(InvalidFile, match=f"other users can {can} it, .*chmod 600 {path}"):
        served.read()
    with pytest.raises(InvalidFile):
        add_client(tmp_path, "app", NOW)
    path.chmod(0o600)
    assert served.read().clients


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "input data was truncated"),
        ("{", "input data was truncated"),
        ("[]", "expected `object`"),
        ("\udcff{}", "invalid"),
        ({"clients": [{"id": "c1", "name": "web"}]}, "missing required field `secrets`"),
        ({"clients": [CLIENT | {"secrets": []}]}, "length >= 1"),
        ({"clients": [CLIENT | {"secrets": [SECRET] * 3}]}, "length <= 2"),
        ({"clients": [CLIENT | {"id": "a:b"}]}, "matching regex"),
        ({"clients": [CLIENT | {"secrets": [SECRET | {"sha256": "x"}]}]}, "matching regex"),
        ({"clients": [CLIENT | {"secrets": [SECRET | {"created": "yesterday"}]}]}, "RFC3339"),
        ({"clients": [CLIENT | {"readonly": True}]}, "unknown field `readonly`"),
        ({"clients": [CLIENT, CLIENT | {"name": "app"}]}, "client id c1 occurs twice"),
        ({"clients": [CLIENT, CLIENT | {"id": "c2"}]}, "client name web occurs twice"),
        ({"accounts": [{"account": "alice", "secrets": [SECRET]}] * 2}, "account alice occurs twice"),
    ],
)
def test_a_damaged_file_lets_nobody_in(tmp_path: Path, content: object, reason: str) -> None:
    """It is an error that names the file, not an empty list; nothing is written over it."""
    path = tmp_path / ".gbook/clients.json"
    path.parent.mkdir()
    raw = content if isinstance(content, str) else json.dumps(content)
    path.write_bytes(raw.encode("utf-8", "surrogateescape"))
    path.chmod(0o600)
    before = path.read_bytes()
    with pytest.raises(InvalidFile) as raised:
        CredentialsFile(tmp_path).read()
    assert reason in raised.value.message.replace("Invalid", "invalid")
    assert raised.value.message.startswith(f"{path}:")
    with pytest.raises(InvalidFile):
        add_client(tmp_path, "new", NOW)
    assert path.read_bytes() == before


def test_a_folder_or_link_in_its_place_is_refused(tmp_path: Path) -> None:
    """A link could lead to another user's file."""
    (tmp_path / "elsewhere.json").write_text(json.dumps({"clients": [CLIENT]}))
    (tmp_path / "elsewhere.json").chmod(0o600)
    (tmp_path / ".gbook").mkdir(mode=0o700)
    path = tmp_path / ".gbook/clients.json"
    path.symlink_to(tmp_path / "elsewhere.json")
    with pytest.raises(GbookError):
        CredentialsFile(tmp_path).read()
    path.unlink()
    path.mkdir(mode=0o700)
    with pytest.raises(GbookError):
        CredentialsFile(tmp_path).read()


def test_what_is_added_at_the_same_time_is_all_there(tmp_path: Path) -> None:
    """The first use makes folder, lock and file under a race too."""
    gate = threading.Barrier(12)

    def add(number: int) -> None:
        gate.wait()
        add_client(tmp_path, f"c{number}", NOW)

    threads = [threading.Thread(target=add, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    names = {client.name for client in CredentialsFile(tmp_path).read().clients}
    assert names == {f"c{number}" for number in range(12)}


def test_a_lock_that_is_held_is_said_to_be(tmp_path: Path) -> None:
    """Reading needs no lock."""
    add_client(tmp_path, "web", NOW)
    with editing(tmp_path), patience(0.05), pytest.raises(Locked):
        add_client(tmp_path, "app", NOW)
    with editing(tmp_path):
        assert CredentialsFile(tmp_path).read().clients


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And no temporary file, once the next change is made."""
    added = add_client(tmp_path, "web", NOW)

    def fail(source: str, target: str) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", fail)
        with pytest.raises(GbookError, match="No space left"):
            add_client(tmp_path, "app", NOW)
    assert CredentialsFile(tmp_path).read().clients == (added.client,)
    (tmp_path / ".gbook/.clients.json.0123456789abcdef.gbook-tmp").write_text("left by a killed process")
    add_client(tmp_path, "app", NOW)
    assert not list((tmp_path / ".gbook").glob("*.gbook-tmp"))


def test_written_by_hand_is_fine(tmp_path: Path) -> None:
    """The form is simple enough for a program that sets up a server."""
    written(tmp_path, {"clients": [CLIENT]})
    (client,) = CredentialsFile(tmp_path).read().clients
    assert client.secrets[0].created.isoformat() == "2026-11-24T12:00:00+00:00"
