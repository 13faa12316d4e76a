"""`gbook serve` as a process: where it listens, what it prints, and how it ends."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from support.http_service import HttpService, running_service
from support.office import program
from support.running import GBOOK, PATIENCE, Gbook
from support.samples import copy_samples

SLOT = {"time": {"start": "2026-11-24T14:00:00Z", "end": "2026-11-24T14:30:00Z"}}
MEETING = "/v1/book/group/profiles/1/meeting"
# Hands a listening socket over as systemd does, and becomes the command.
ACTIVATE = """
import os, socket, sys
listener = socket.create_server(("127.0.0.1", 0))
os.dup2(listener.fileno(), 3)
os.set_inheritable(3, True)
os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"}
os.execv(sys.argv[1], sys.argv[1:])
"""
# The command in a Python without the packages of the extra.
WITHOUT_EXTRA = """
import sys
sys.modules["waitress"] = None
from gbook.cli import run
sys.exit(run(["serve"]))
"""


def refused(workspace: Path, *arguments: str) -> tuple[int, str]:
    """Return the exit code and the message of a server that cannot start."""
    command = [str(GBOOK), "--workspace", str(workspace), "serve", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1, done.stderr
    return done.returncode, done.stderr


def hooked(tmp_path: Path, hook: str, script: str) -> Path:
    """Return a workspace that runs a shell script as a hook; no calendar of the samples asks for long."""
    workspace = copy_samples(tmp_path / "workspace")
    with (workspace / "gbook.yaml").open("a") as file:
        file.write(f"hooks: {{{hook}: [sh, -c, {json.dumps(script)}]}}\n")
    return workspace


def begin_booking(service: HttpService) -> http.client.HTTPConnection:
    """Send a booking, and return the connection on which its answer will come."""
    connection = http.client.HTTPConnection(*service.address, timeout=PATIENCE)
    body = json.dumps(SLOT | {"schedulerInfo": {"name": "Jane", "email": "jane@example.com"}})
    headers = {"Authorization": service.credentials.authorization, "Content-Type": "application/json"}
    connection.request("POST", MEETING, body, headers)
    return connection


def answer(connection: http.client.HTTPConnection) -> Any:
    """Return the document of a successful answer, which must come whole."""
    response = connection.getresponse()
    assert response.status == 200
    return json.loads(response.read())


def wait_for(path: Path) -> None:
    """Wait until another process has made a file."""
    deadline = time.monotonic() + PATIENCE
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_it_says_where_it_answers(tmp_path: Path) -> None:
    """The first line is for people; port 0 is a free one."""
    workspace = copy_samples(tmp_path)
    process = subprocess.Popen(
        [GBOOK, "--workspace", workspace, "serve", "--listen", "localhost:0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        try:
            assert process.stdout
            start, _, port = process.stdout.readline().strip().rpartition(":")
            assert start == f"Serving {workspace} at http://127.0.0.1"
            socket.create_connection(("127.0.0.1", int(port)), PATIENCE).close()
        finally:
            process.kill()


def test_looking_changes_no_file(http_service: HttpService) -> None:
    """Not even at first: the key of the tokens is made at the start."""

    def files() -> dict[Path, bytes]:
        found = [path for path in http_service.workspace.rglob("*") if path.is_file()]
        return {path: path.read_bytes() for path in found if path.suffix != ".log"}

    before = files()
    assert any(path.name == "token-key" for path in before)
    for path in ("/b/", "/b/aurinkoDemo", "/b/aurinkoDemo?slot=2026-12-01T15:00Z", "/b/booking/unknown"):
        assert http_service.ask("GET", path, is_anonymous=True).status < 500
    assert files() == before


def test_it_answers_at_ipv6(tmp_path: Path) -> None:
    """The address is in brackets."""
    with running_service(copy_samples(tmp_path), "--listen", "[::1]:0") as service:
        assert service.url.startswith("http://[::1]:")
        assert service.ask("GET", "/healthz", is_anonymous=True).status == 200


def test_it_answers_at_a_unix_socket(tmp_path: Path) -> None:
    """One that a killed server has left is replaced; one that a server uses is not."""
    workspace, path = copy_samples(tmp_path / "workspace"), tmp_path / "socket"
    for _ in range(2):
        with running_service(workspace, "--listen", f"unix:{path}") as service:
            assert service.url == f"unix:{path}"
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(str(path))
                client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                assert client.makefile("rb").readline() == b"HTTP/1.1 200 OK\r\n"
            code, message = refused(workspace, "--listen", f"unix:{path}")
            assert (code, "another program does" in message) == (1, True)


def test_it_answers_at_a_socket_of_systemd(tmp_path: Path) -> None:
    """The socket is that of the unit; the programs of hooks do not get it."""
    script = 'test ! -e /proc/self/fd/3 && test -z "$LISTEN_FDS"'
    workspace = hooked(tmp_path, "preBook", script)
    command = [sys.executable, "-c", ACTIVATE, str(GBOOK), "--workspace", str(workspace), "serve", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    with process:
        try:
            assert process.stdout
            url = json.loads(process.stdout.readline())["url"]
            service = HttpService(workspace, process, url, tmp_path / "none")
            if sys.platform == "linux":
                assert answer(begin_booking(service))["created"]
            assert service.stop() == 0
        finally:
            process.kill()


def test_a_port_in_use_is_named(http_service: HttpService) -> None:
    """The message says what to do."""
    listen = "{}:{}".format(*http_service.address)
    code, message = refused(http_service.workspace, "--listen", listen)
    expected = f"gbook: cannot listen at {listen}: another program does; choose another one with --listen\n"
    assert (code, message) == (1, expected)


def test_other_addresses_that_cannot_be_had_are_explained(tmp_path: Path) -> None:
    """Not in Python's words."""
    copy_samples(tmp_path)
    code, message = refused(tmp_path, "--listen", f"unix:{tmp_path}/gbook.yaml")
    expected = "there is a file or folder of this name; choose another path\n"
    assert (code, message) == (1, f"gbook: cannot listen at unix:{tmp_path}/gbook.yaml: {expected}")
    code, message = refused(tmp_path, "--listen", "192.0.2.1:8080")
    expected = "it is no address of this machine\n"
    assert (code, message) == (1, f"gbook: cannot listen at 192.0.2.1:8080: {expected}")


@pytest.mark.parametrize("listen", ["8080", "example.com:80", "127.0.0.1:99999", "127.0.0.1:-1", "unix:", ""])
def test_an_address_is_an_ip_address_with_a_port(tmp_path: Path, listen: str) -> None:
    """Names could mean several addresses."""
    code, message = refused(copy_samples(tmp_path), "--listen", listen)
    assert code == 2
    assert message.startswith("gbook: --listen")


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    """So is every other reason of the system."""
    code, message = refused(copy_samples(tmp_path), "--listen", f"unix:{tmp_path}/none/socket")
    assert (code, "No such file or directory" in message) == (1, True)


def test_others_need_encryption(tmp_path: Path) -> None:
    """A proxy with TLS gives it, or the operator says that none is needed."""
    workspace = copy_samples(tmp_path)
    code, message = refused(workspace, "--listen", "0.0.0.0:0")
    assert (code, "--insecure" in message) == (2, True)
    assert refused(workspace, "--listen", "0.0.0.0:0", "--base-url", "http://book.example.com")[0] == 2
    for allowed in (["--insecure"], ["--base-url", "https://book.example.com"]):
        with running_service(workspace, "--listen", "0.0.0.0:0", *allowed) as service:
            assert service.url.startswith("http://0.0.0.0:")


def test_the_base_url_is_an_origin(tmp_path: Path) -> None:
    """The option is read as in gbook.yaml."""
    code, message = refused(copy_samples(tmp_path), "--base-url", "https://book.example.com/team")
    assert code == 2
    assert message.startswith("gbook: --base-url: expected an address")


def test_an_invalid_workspace_is_not_served(tmp_path: Path) -> None:
    """The messages are those of all commands."""
    workspace = copy_samples(tmp_path)
    (workspace / "gbook.yaml").write_text("accounts: 7\n")
    code, message = refused(workspace, "--listen", "127.0.0.1:0")
    assert (code, "gbook.yaml" in message) == (5, True)


def test_it_says_which_profiles_guests_cannot_book(tmp_path: Path) -> None:
    """A line for each, with all that is wrong; the others are served, and private ones are not checked."""
    workspace = copy_samples(tmp_path)
    profiles = workspace / "profiles"
    public = (profiles / "interview.yaml").read_text()
    (profiles / "typo.yaml").write_text(f"{public}\nconfirmMail: true\n")
    (profiles / "confirmed.yaml").write_text("accounts: [alice]\npublic: true\nconfirmEmail: true\n")
    (profiles / "empty.yaml").write_text("public: true\n")
    (profiles / "private.yaml").write_text("confirmEmail: true\n")
    with running_service(workspace) as service:
        lines = [line.partition("Z ")[2] for line in service.log.splitlines()]
        page = service.ask("GET", "/b/interview", is_anonymous=True)
    confirmed, empty, typo = lines
    assert confirmed.startswith("profiles/confirmed.yaml:3: guests cannot book this: confirmEmail: links are")
    assert "mail: {host:" in confirmed and "serve: {baseUrl:" in confirmed
    assert empty.startswith("profiles/empty.yaml: guests cannot book this: no accounts attached")
    assert re.match(r"profiles/typo\.yaml:\d+: guests cannot book this: .*confirmMail", typo)
    assert page.status == 200


def test_the_base_url_of_the_command_counts(tmp_path: Path) -> None:
    """Only the mail server is missing then."""
    workspace = copy_samples(tmp_path)
    path = workspace / "profiles/confirmed.yaml"
    path.write_text("accounts: [alice]\npublic: true\nconfirmEmail: true\n")
    with running_service(workspace, "--base-url", "https://book.example.com") as service:
        assert "mail: {host:" in service.log and "baseUrl" not in service.log


def test_without_the_extra_it_says_what_to_install(tmp_path: Path) -> None:
    """The line can be pasted."""
    copy_samples(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_EXTRA], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr.endswith("in the folder of gbook's checkout, run: pip install '.[serve]'\n")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_well(http_service: HttpService, number: signal.Signals) -> None:
    """It has nothing to finish: exit code 0."""
    assert http_service.stop(number) == 0


def test_a_closed_terminal_does_not_end_it(http_service: HttpService) -> None:
    """SIGHUP is ignored."""
    http_service.process.send_signal(signal.SIGHUP)
    assert http_service.ask("GET", "/healthz", is_anonymous=True).status == 200


def test_a_request_under_way_is_finished(tmp_path: Path) -> None:
    """The answer comes whole, idle connections are closed, and nothing new is taken."""
    begun, go = tmp_path / "begun", tmp_path / "go"
    script = f"touch {begun}; until test -e {go}; do sleep 0.02; done"
    with running_service(hooked(tmp_path, "preBook", script)) as service:
        connection = begin_booking(service)
        with socket.create_connection(service.address, PATIENCE) as idle:
            wait_for(begun)
            service.process.send_signal(signal.SIGTERM)
            assert idle.recv(1) == b""
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(service.address, PATIENCE)
        go.touch()
        assert answer(connection)["created"]
        assert service.process.wait(PATIENCE) == 0


def test_what_follows_an_answer_is_finished(tmp_path: Path) -> None:
    """The program of a hook that runs after the answer ends before the server does."""
    begun, done = tmp_path / "begun", tmp_path / "done"
    script = f"touch {begun}; sleep 1; touch {done}"
    with running_service(hooked(tmp_path, "postBook", script)) as service:
        assert answer(begin_booking(service))["created"]
        wait_for(begun)
        assert service.stop() == 0
        assert done.exists()


def test_a_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    """The request is not answered, and nothing is booked."""
    begun = tmp_path / "begun"
    script = f"touch {begun}; sleep 60"
    with running_service(hooked(tmp_path, "preBook", script)) as service:
        connection = begin_booking(service)
        wait_for(begun)
        with socket.create_connection(service.address, PATIENCE) as idle:
            service.process.send_signal(signal.SIGTERM)
            assert idle.recv(1) == b""
        assert service.stop() == -signal.SIGTERM
        with pytest.raises(http.client.RemoteDisconnected):
            connection.getresponse()
        assert service.run("booking", "list", "--json")["records"] == []


class TestOpen:
    """`--open` shows the page in the browser of $BROWSER, which is a program that notes its address."""

    @staticmethod
    def opened(workspace: Path) -> tuple[str, str]:
        """Return the address of the server, and of the page that it has opened."""
        browser, seen = workspace / "browser", workspace / "seen"
        program(
            browser,
            """
            import os, sys, urllib.request
            status = urllib.request.urlopen(sys.argv[1]).status
            with open("seen.part", "w") as file:
                file.write(f"{status} {sys.argv[1]}")
            os.rename("seen.part", "seen")
            """,
        )
        with running_service(workspace, "--open", BROWSER=f"{browser} %s") as service:
            wait_for(seen)
            return service.url, seen.read_text()

    def test_of_several_public_profiles(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The list of them; the server answers by then."""
        monkeypatch.chdir(copy_samples(tmp_path))
        url, seen = self.opened(tmp_path)
        assert seen == f"200 {url}/b/"

    def test_of_the_only_public_profile(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Its page."""
        monkeypatch.chdir(copy_samples(tmp_path))
        path = tmp_path / "profiles/interview.yaml"
        path.write_text(path.read_text().replace("public: true", "public: false"))
        url, seen = self.opened(tmp_path)
        assert seen == f"200 {url}/b/aurinkoDemo"

    def test_a_socket_is_refused(self, tmp_path: Path) -> None:
        """Before it is served."""
        code, message = refused(copy_samples(tmp_path), "--open", "--listen", f"unix:{tmp_path}/socket")
        assert (code, "--open: a browser needs an address" in message) == (2, True)


def test_its_example_starts_it(gbook: Gbook) -> None:
    """The help shows a line that can be pasted."""
    assert (
        "gbook serve --listen 127.0.0.1:8080 --base-url https://book.example.com"
        in gbook("serve", "--help").out
    )
    assert os.environ["GBOOK_NOW"]
