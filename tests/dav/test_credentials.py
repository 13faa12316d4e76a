"""The login of a server: from programs and ~/.netrc, and never in a message."""

from __future__ import annotations

import stat
import sys
from base64 import b64decode
from pathlib import Path
from threading import Thread

import pytest

from gbook.dav import credentials
from gbook.dav.credentials import authorization_of, secret_of
from gbook.errors import GbookError, InvalidFile
from gbook.programs import ProgramFailed
from gbook.workspace.server import Server

URL = "https://dav.example.org/"


def server(**fields: object) -> Server:
    return Server(id="work", url=URL, **fields)  # type: ignore[arg-type]


def script(folder: Path, text: str) -> Path:
    """Write a program of Python that also counts its runs."""
    path = folder / "program"
    path.write_text(f"#!{sys.executable}\nopen({str(folder / 'runs')!r}, 'a').write('x')\n{text}\n")
    path.chmod(0o700)
    return path


def netrc(home: Path, text: str, mode: int = 0o600) -> Path:
    path = home / ".netrc"
    path.write_text(text)
    path.chmod(mode)
    return path


def login(value: str | None) -> str:
    """The user name and password of a Basic header."""
    assert value is not None and value.startswith("Basic ")
    return b64decode(value.removeprefix("Basic ")).decode()


def refused(used: Server, folder: Path) -> str:
    with pytest.raises(GbookError) as caught:
        authorization_of(used, folder)
    shown = f"{caught.value.message} {caught.value.details}"
    assert "hunter" not in shown and "\n" not in shown
    return caught.value.message


def test_without_a_login_there_is_none(tmp_path: Path) -> None:
    """A server may be open to all."""
    assert authorization_of(server(), tmp_path) is None


def test_a_password_comes_from_a_program(tmp_path: Path) -> None:
    """Its first line counts, in UTF-8; it runs in the workspace, once a process, whatever it prints."""
    script(tmp_path, "print('hünter 2:x\\r\\nsecond line')")
    used = server(username="alice", password_command=("./program",))
    assert login(authorization_of(used, tmp_path)) == "alice:hünter 2:x"
    threads = [Thread(target=authorization_of, args=(used, tmp_path)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (tmp_path / "runs").read_text() == "x"


def test_threads_wait_for_one_run(tmp_path: Path) -> None:
    """A person is asked once to unlock the password store."""
    script(tmp_path, "import time; time.sleep(0.3); print('hunter2')")
    found: list[str] = []
    threads = [
        Thread(target=lambda: found.append(secret_of(tmp_path, ("./program",), "key"))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["hunter2"] * 4 and (tmp_path / "runs").read_text() == "x"


def test_a_token_comes_from_a_program(tmp_path: Path) -> None:
    """OAuth (RFC 6750)."""
    script(tmp_path, "print('ya29.a0-B_c/d~e+f==')")
    used = server(token_command=("./program",))
    assert authorization_of(used, tmp_path) == "Bearer ya29.a0-B_c/d~e+f=="


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("import sys; print('hunter2'); sys.exit('the store is locked')", "the store is locked"),
        ("print('hunter2'); raise SystemExit(3)", "./program ended with exit code 3"),
        ("print()", "./program printed nothing"),
        (
            "import os, signal; print('hunter2', flush=True); os.kill(os.getpid(), 9)",
            "./program was ended by SIGKILL",
        ),
    ],
)
def test_a_program_that_fails_is_named(tmp_path: Path, text: str, reason: str) -> None:
    """By its key and what it said on stderr; it is not run again."""
    script(tmp_path, text)
    used = server(username="alice", password_command=("./program",))
    for _ in range(2):
        assert refused(used, tmp_path) == f"dav.example.org: passwordCommand: {reason}"
    assert (tmp_path / "runs").read_text() == "x"


@pytest.mark.parametrize("text", ["two words", "{'token': 'hunter2'}", "hünter", "hunter2\x01"])
def test_what_is_no_token_is_refused(tmp_path: Path, text: str) -> None:
    """It could not be in a header."""
    script(tmp_path, f"print({text!r})")
    used = server(token_command=("./program",))
    assert refused(used, tmp_path) == "dav.example.org: tokenCommand: ./program did not print a token"


def test_a_program_that_is_missing_or_hangs_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not hold gbook for ever."""
    used = server(token_command=("./program",))
    assert refused(used, tmp_path).endswith(
        "tokenCommand: ./program cannot be run: No such file or directory"
    )
    monkeypatch.setattr(credentials, "SECRET_SECONDS", 0.2)
    script(tmp_path, "import time; time.sleep(60)")
    used = server(username="alice", password_command=("./program", "-v"))
    assert refused(used, tmp_path).endswith("passwordCommand: ./program took longer than 0.2 s")


class TestNetrc:
    """~/.netrc, or the file of $NETRC, as curl and other programs read it."""

    def test_an_entry_is_found_by_its_host(self, home_folder: Path, tmp_path: Path) -> None:
        netrc(
            home_folder,
            "machine other.example login carol password hunter1\n"
            "machine dav.example.org\n  login alice\n  password hunter2\n",
        )
        assert login(authorization_of(server(netrc=True), tmp_path)) == "alice:hunter2"
        assert login(authorization_of(server(netrc=True, username="alice"), tmp_path)) == "alice:hunter2"

    def test_a_file_may_be_named(
        self, home_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        named = netrc(tmp_path, "default login bob password hunter2", mode=0o644)
        monkeypatch.setenv("NETRC", str(named))
        assert login(authorization_of(server(netrc=True), tmp_path)) == "bob:hunter2"

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("machine x.example login a password hunter2", "has no entry for dav.example.org: add a line"),
            ("machine dav.example.org login bob password hunter2", "has another user name than alice"),
            ("hunter2 dav.example.org", "line 1: expected `machine HOST login NAME password PASSWORD`"),
            ("machine dav.example.org login bob passwort hunter2", "line 1: expected `machine HOST"),
        ],
    )
    def test_a_wrong_entry_is_told_without_its_words(
        self, home_folder: Path, tmp_path: Path, text: str, reason: str
    ) -> None:
        path = netrc(home_folder, text)
        message = refused(server(netrc=True, username="alice"), tmp_path)
        assert message.startswith(f"{path}: ") and reason in message

    def test_an_entry_needs_a_login(self, home_folder: Path, tmp_path: Path) -> None:
        netrc(home_folder, "machine dav.example.org password hunter2")
        assert refused(server(netrc=True), tmp_path).endswith("its entry for dav.example.org has no login")
        assert login(authorization_of(server(netrc=True, username="alice"), tmp_path)) == "alice:hunter2"

    def test_a_file_that_cannot_be_read(self, home_folder: Path, tmp_path: Path) -> None:
        path = home_folder / ".netrc"
        assert refused(server(netrc=True), tmp_path) == f"{path}: cannot be read: No such file or directory"
        path.mkdir()
        assert refused(server(netrc=True), tmp_path) == f"{path}: cannot be read: Is a directory"

    def test_others_must_not_read_it(self, home_folder: Path, tmp_path: Path) -> None:
        path = netrc(home_folder, "machine dav.example.org login alice password hunter2", mode=0o644)
        assert stat.S_IMODE(path.stat().st_mode) == 0o644
        assert refused(server(netrc=True), tmp_path).endswith(
            "other users can read it: run `chmod 600 ~/.netrc`"
        )


def test_errors_have_their_classes(tmp_path: Path) -> None:
    """A program failed; a file is invalid."""
    with pytest.raises(ProgramFailed):
        authorization_of(server(token_command=("./none",)), tmp_path)
    with pytest.raises(InvalidFile):
        authorization_of(server(netrc=True), tmp_path)
