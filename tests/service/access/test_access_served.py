"""Who may ask, from where and how often, asked of a real `gbook serve` over real sockets."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.http_service import HttpService, running_service
from support.running import PATIENCE
from support.samples import copy_samples, set_serve

PROFILES = "/v1/book/group/profiles"
SUNDAY = "2026-11-22T12:00:00Z"


@pytest.fixture
def served(tmp_path: Path) -> Iterator[HttpService]:
    """The sample workspace; a proxy on this machine is believed."""
    workspace = copy_samples(tmp_path / "team")
    set_serve(workspace, "baseUrl: 'https://book.example.com', trustedProxies: [127.0.0.1]")
    with running_service(workspace, GBOOK_NOW=SUNDAY) as service:
        yield service


def raw(service: HttpService, *lines: str) -> tuple[int, str]:
    """Send the lines of a request as they are, and return the status and the whole answer."""
    with socket.create_connection(service.address, PATIENCE) as connection:
        connection.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1"))
        answer = b"".join(iter(lambda: connection.recv(65_536), b"")).decode()
    return int(answer.split()[1]), answer


def public_times(service: HttpService) -> str:
    return f"/v1/book/{service.credentials.client_id}/interview/meeting"


def test_a_client_comes_and_goes_while_it_is_served(served: HttpService) -> None:
    """Added, rotated, removed: each at the next request, without a restart."""

    def status() -> int:
        return served.ask("GET", PROFILES).status

    first = served.credentials
    assert status() == 200
    second = served.run("client", "add", "tests", "--json")
    assert status() == 200
    served.run("client", "remove", "tests", "--old", "--json")
    assert status() == 401
    served.credentials = first._replace(secret=second["clientSecret"])
    assert status() == 200
    served.run("client", "remove", "tests", "--json")
    assert status() == 401
    served.credentials = first
    assert status() == 401


def test_an_account_acts_for_itself_only(served: HttpService) -> None:
    """Its token opens the account operations, not those of clients, until it is revoked."""
    token = served.run("client", "token", "alice", "--json")["token"]

    def status(path: str) -> int:
        return served.ask("GET", path, is_anonymous=True, authorization=f"Bearer {token}").status

    assert status("/v1/book/account/profiles") == 200
    assert status(PROFILES) == 401
    served.run("client", "token", "alice", "--revoke", "--json")
    assert status("/v1/book/account/profiles") == 401


def test_damaged_clients_are_no_open_door(served: HttpService) -> None:
    """503 until the file is mended, and the answer does not name it."""
    assert served.ask("GET", PROFILES).status == 200
    path = served.workspace / ".gbook/clients.json"
    content = path.read_bytes()
    path.write_bytes(content[:-10])
    answer = served.ask("GET", PROFILES)
    assert (answer.status, answer.document["code"]) == (503, "workspace_invalid")
    assert b"clients" not in answer.body and "retry-after" in answer.headers
    path.write_bytes(content)
    assert served.ask("GET", PROFILES).status == 200
    path.chmod(0o644)
    assert served.ask("GET", PROFILES).status == 503


def test_a_page_that_points_its_name_here_gets_nothing(served: HttpService) -> None:
    """DNS rebinding: the request comes from this machine, with the credentials, but names another host."""
    for host in ("evil.example", f"evil.example:{served.address[1]}", "127.0.0.1.evil.example"):
        answer = served.ask("GET", PROFILES, host=host, origin=f"http://{host}")
        assert (answer.status, answer.document["code"]) == (421, "foreign_host")
        assert "access-control-allow-origin" not in answer.headers
    for host in ("localhost", "book.example.com", f"127.0.0.1:{served.address[1]}", "[::1]"):
        assert served.ask("GET", PROFILES, host=host).status == 200


def test_headers_that_come_twice_or_not_at_all(served: HttpService) -> None:
    """Two of a kind are none; a proxy could have checked the other one."""
    basic = f"Authorization: {served.credentials.authorization}"
    line, host = f"GET {PROFILES} HTTP/1.1", "Host: localhost"
    assert raw(served, line, host, basic)[0] == 200
    assert raw(served, line, host, basic, basic)[0] == 401
    assert raw(served, line, host, host, basic)[0] == 421
    assert raw(served, line, host, "Host: evil.example", basic)[0] == 421
    assert raw(served, line, basic)[0] == 400
    assert raw(served, line.replace("1.1", "1.0"), basic)[0] == 200
    assert raw(served, line, host, basic.replace(":", " :"))[0] in (400, 401)


def test_credentials_of_any_size_and_bytes(served: HttpService) -> None:
    """A refusal, as for any other wrong ones."""
    for value in ("Basic " + "A" * 60_000, "Bearer " + "a" * 60_000, "Basic \xff\xfe", "Basic", "\x7f"):
        status, answer = raw(served, f"GET {PROFILES} HTTP/1.1", "Host: localhost", f"Authorization: {value}")
        assert status in (400, 401), value[:20]
        assert "Traceback" not in answer


def test_wrong_credentials_are_limited(served: HttpService) -> None:
    """From this address only; the client that is right goes on."""
    wrong = served.credentials._replace(secret="wrong").authorization
    statuses = [served.ask("GET", PROFILES, is_anonymous=True, authorization=wrong).status for _ in range(30)]
    assert statuses[:10] == [401] * 10 and 429 in statuses and {*statuses} == {401, 429}
    behind = served.ask(
        "GET", PROFILES, is_anonymous=True, authorization=wrong, x_forwarded_for="203.0.113.9"
    )
    assert behind.status == 401
    assert served.ask("GET", PROFILES).status == 200


def test_a_flood_of_public_requests_is_refused(served: HttpService) -> None:
    """Of one address; another one behind the same proxy, and the clients, are answered."""
    path = public_times(served)
    statuses = [served.ask("GET", path, is_anonymous=True).status for _ in range(120)]
    assert statuses[:60] == [200] * 60 and {*statuses} == {200, 429}
    refused = next(
        answer
        for answer in (served.ask("GET", path, is_anonymous=True) for _ in range(60))
        if answer.status == 429
    )
    assert refused.document["code"] == "too_many_requests" and int(refused.headers["retry-after"]) == 1
    assert served.ask("GET", path, is_anonymous=True, x_forwarded_for="203.0.113.9").status == 200
    assert served.ask("GET", PROFILES).status == 200


def test_nobody_gives_itself_another_address(tmp_path: Path) -> None:
    """Without trusted proxies, the header of a client is no address."""
    workspace = copy_samples(tmp_path / "team")
    with running_service(workspace, GBOOK_NOW=SUNDAY) as service:
        path = public_times(service)
        statuses = [
            service.ask("GET", path, is_anonymous=True, x_forwarded_for=f"203.0.113.{number}").status
            for number in range(120)
        ]
    assert 429 in statuses


def test_a_proxy_at_a_unix_socket_is_believed(tmp_path: Path) -> None:
    """Without an entry in gbook.yaml: the rights of the socket say who may connect."""
    path = tmp_path / "socket"

    def status(client: str) -> int:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(PATIENCE)
            connection.connect(str(path))
            connection.sendall(
                f"GET {PROFILES} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer wrong\r\n"
                f"X-Forwarded-For: {client}\r\nConnection: close\r\n\r\n".encode()
            )
            return int(connection.makefile("rb").readline().split()[1])

    with running_service(copy_samples(tmp_path / "team"), "--listen", f"unix:{path}"):
        assert 429 in [status("203.0.113.8") for _ in range(30)]
        assert status("203.0.113.9") == 401


def test_a_form_of_another_site_changes_nothing(served: HttpService) -> None:
    """The browser remembers the login; plain curl may send its usual type."""
    body = b'{"name": "made-by-a-form"}'
    form = "application/x-www-form-urlencoded"
    forged = served.ask("POST", PROFILES, body, content_type=form, origin="https://evil.example")
    assert (forged.status, forged.document["code"]) == (415, "unsupported_media_type")
    assert (
        served.ask("POST", PROFILES, body, sec_fetch_site="cross-site", content_type="text/plain").status
        == 415
    )
    assert not (served.workspace / "profiles/made-by-a-form.yaml").exists()
    assert served.ask("POST", PROFILES, body, content_type=form).status == 200
    assert (served.workspace / "profiles/made-by-a-form.yaml").exists()


def test_a_page_of_another_site_may_ask_for_public_times(served: HttpService) -> None:
    """With a preflight, and an answer that it can read; nothing else of the API."""
    path = public_times(served)
    shop = "https://shop.example"
    asking = served.ask("OPTIONS", path, is_anonymous=True, origin=shop, access_control_request_method="POST")
    assert asking.status == 200 and asking.headers["access-control-allow-origin"] == "*"
    answer = served.ask("GET", path, is_anonymous=True, origin=shop)
    assert answer.status == 200 and answer.headers["access-control-allow-origin"] == "*"
    for method in ("OPTIONS", "GET"):
        private = served.ask(method, PROFILES, origin=shop, access_control_request_method="POST")
        assert not [name for name in private.headers if name.startswith("access-control")]


def test_the_log_has_no_credentials(served: HttpService) -> None:
    """Right or wrong, in whichever header they are; it names the client by its id."""
    token = served.run("client", "token", "alice", "--json")["token"]
    served.ask("GET", PROFILES)
    served.ask("GET", PROFILES, is_anonymous=True, authorization=f"Bearer {token}")
    served.ask("GET", f"{PROFILES}?secret={served.credentials.secret}", is_anonymous=True)
    served.ask("GET", PROFILES, is_anonymous=True, authorization=f"Digest {served.credentials.secret}")
    served.stop()
    log = served.log
    assert f" {PROFILES} 200 " in log and f" {PROFILES} 401 " in log and served.credentials.client_id in log
    assert served.credentials.secret not in log and token not in log
    assert served.credentials.authorization not in log
