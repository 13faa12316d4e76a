"""The checks before an operation, through the application: their order and their answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from falcon import testing
from support.api_access import basic_header, bearer_header

from gbook.clients.editing import remove_client
from gbook.service.access.control import AccessControl
from gbook.service.app import application
from gbook.service.call import Call
from gbook.service.problems import ApiError
from gbook.service.routes.route import Access, Route
from gbook.workspace.serve import Serve
from gbook.workspace.workspace import Workspace, open_workspace

CONFIG = """\
accounts:
  - {id: alice, email: alice@example.com}
"""
ELSEWHERE = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}


def who(call: Call) -> dict[str, Any]:
    """An operation that says who calls."""
    client, account = call.caller
    return {"client": client and client.name, "account": account and account.id}


def book(call: Call) -> dict[str, Any]:
    """An operation that books."""
    call.allowance.require()
    call.allowance.use()
    return {}


def fail(call: Call) -> None:
    raise ApiError(409, "slot_unavailable", "taken")


def route(method: Any, path: str, access: Access, handler: Any = who) -> Route:
    return Route(f"{method} {path}", method, path, access, "An operation.", handler, dict)


ROUTES = (
    route("GET", "/client", Access.CLIENT),
    route("POST", "/client", Access.CLIENT),
    route("PATCH", "/client", Access.CLIENT),
    route("DELETE", "/client", Access.CLIENT),
    route("POST", "/both", Access.CLIENT_OR_ACCOUNT),
    route("GET", "/account", Access.ACCOUNT),
    route("GET", "/public", Access.PUBLIC),
    route("POST", "/public", Access.PUBLIC),
    route("DELETE", "/public", Access.PUBLIC),
    route("POST", "/booked", Access.PUBLIC, book),
    route("POST", "/taken", Access.PUBLIC, fail),
)


class Service:
    """The application over a workspace, asked by a peer at an address, at a time that the test sets."""

    def __init__(self, root: Path, serve: Serve) -> None:
        self.root = root
        self.seconds = 1000.0
        access = AccessControl(root, serve, lambda: int(self.seconds * 1_000_000_000))
        self._client = testing.TestClient(application(ROUTES, self._opened, access=access))

    @contextmanager
    def _opened(self) -> Iterator[Workspace]:
        yield open_workspace(self.root)

    def ask(
        self, method: str, path: str, peer: str = "192.0.2.1", host: str = "127.0.0.1", **headers: str
    ) -> testing.Result:
        """Return an answer. In the names of headers, `_` is a hyphen."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._client.simulate_request(method, path, host=host, remote_addr=peer, headers=named)

    def statuses(self, times: int, method: str, path: str, **rest: Any) -> list[int]:
        return [self.ask(method, path, **rest).status_code for _ in range(times)]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "gbook.yaml").write_text(CONFIG)
    return tmp_path


@pytest.fixture
def service(root: Path) -> Service:
    return Service(root, Serve(base_url="https://book.example.com", trusted_proxies=("10.0.0.0/8",)))


@pytest.fixture
def basic(root: Path) -> str:
    """The header of a client."""
    return basic_header(root, "web")


@pytest.fixture
def bearer(root: Path) -> str:
    """The header of alice."""
    return bearer_header(root, "alice")


def test_an_operation_knows_who_calls(service: Service, basic: str, bearer: str) -> None:
    """Each kind of access, with all that it takes."""
    web, alice, nobody = (
        {"client": "web", "account": None},
        {"client": None, "account": "alice"},
        {"client": None, "account": None},
    )
    for method, path, header, caller in (
        ("GET", "/client", basic, web),
        ("DELETE", "/client", basic, web),
        ("POST", "/both", basic, web),
        ("POST", "/both", bearer, alice),
        ("GET", "/account", bearer, alice),
        ("GET", "/public", basic, nobody),
    ):
        answer = service.ask(method, path, Authorization=header)
        assert (answer.status_code, answer.json) == (200, caller), path
    assert service.ask("GET", "/public").json == nobody


def test_without_credentials_nothing_is_told(service: Service, basic: str, bearer: str) -> None:
    """The challenge names the scheme; the answer is an error document."""
    for method, path, header in (
        ("GET", "/client", None), ("GET", "/client", bearer), ("GET", "/client", basic[:-1]),
        ("POST", "/both", None), ("GET", "/account", None), ("GET", "/account", basic),
    ):  # fmt: skip
        answer = service.ask(method, path, **({"Authorization": header} if header else {}))
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].split()[0] == ("Bearer" if path == "/account" else "Basic")
        assert answer.json["code"] == "unauthorized"
        assert "web" not in answer.text and "alice" not in answer.text


def test_a_client_that_is_removed_is_out_at_once(service: Service, root: Path, basic: str) -> None:
    """And one that is added is in, without a restart."""
    assert service.statuses(1, "GET", "/client", Authorization=basic) == [200]
    remove_client(root, "web")
    assert service.statuses(1, "GET", "/client", Authorization=basic) == [401]
    assert service.statuses(1, "GET", "/client", Authorization=basic_header(root, "new")) == [200]


def test_an_account_that_leaves_gbook_yaml_is_out_at_once(service: Service, root: Path, bearer: str) -> None:
    """Whatever happens to its tokens."""
    assert service.statuses(1, "GET", "/account", Authorization=bearer) == [200]
    (root / "gbook.yaml").write_text("accounts: []\n")
    assert service.statuses(1, "GET", "/account", Authorization=bearer) == [401]


@pytest.mark.parametrize("damage", ["{", "", "rights"])
def test_clients_that_cannot_be_read_let_nobody_in(
    service: Service, root: Path, basic: str, damage: str
) -> None:
    """503, without the file's name; public operations go on."""
    path = root / ".gbook/clients.json"
    if damage == "rights":
        path.chmod(0o644)
    else:
        path.write_text(damage)
    answer = service.ask("GET", "/client", Authorization=basic)
    assert (answer.status_code, answer.json["code"]) == (503, "workspace_invalid")
    assert "clients" not in answer.text and str(root) not in answer.text
    assert service.statuses(1, "GET", "/public") == [200]


def test_wrong_credentials_are_limited(service: Service, basic: str) -> None:
    """Ten a minute of an address; those that are right pass, and a request without any is no attempt."""
    wrong = {"Authorization": basic[:-4] + "AAA="}
    assert service.statuses(30, "GET", "/client") == [401] * 30
    assert service.statuses(12, "GET", "/client", **wrong) == [401] * 10 + [429] * 2
    refused = service.ask("GET", "/client", **wrong)
    assert refused.headers["Retry-After"] == "6" and "WWW-Authenticate" not in refused.headers
    assert refused.json["code"] == "too_many_requests"
    assert service.statuses(1, "GET", "/client", peer="192.0.2.2", **wrong) == [401]
    assert service.statuses(1, "GET", "/client", Authorization=basic) == [200]
    assert service.statuses(1, "GET", "/client") == [401]
    service.seconds += 6
    assert service.statuses(2, "GET", "/client", **wrong) == [401, 429]


def test_public_requests_are_limited(service: Service, basic: str) -> None:
    """60 reads and 10 writes a minute of an address, apart from each other and from clients."""
    assert service.statuses(62, "GET", "/public") == [200] * 60 + [429] * 2
    assert service.statuses(12, "POST", "/taken") == [409] * 10 + [429] * 2
    assert service.ask("GET", "/public").headers["Retry-After"] == "1"
    assert service.ask("POST", "/taken").headers["Retry-After"] == "6"
    assert service.statuses(1, "GET", "/public", peer="2001:db8::1") == [200]
    assert service.statuses(70, "GET", "/client", Authorization=basic) == [200] * 70
    service.seconds += 60
    assert service.statuses(61, "GET", "/public")[-2:] == [200, 429]


def test_a_network_of_ipv6_has_one_limit(service: Service) -> None:
    """Its subscriber has all its addresses; IPv4 within IPv6 is IPv4."""
    answers = [service.statuses(1, "POST", "/taken", peer=f"2001:db8::{number:x}") for number in range(12)]
    assert answers == [[409]] * 10 + [[429]] * 2
    assert service.statuses(1, "POST", "/taken", peer="2001:db8:0:1::1") == [409]
    assert service.statuses(6, "POST", "/taken", peer="::ffff:192.0.2.1") == [409] * 6
    assert service.statuses(5, "POST", "/taken") == [409] * 4 + [429]


def test_public_bookings_are_limited(service: Service) -> None:
    """Five a day of an address, as operations count them."""
    assert service.statuses(3, "POST", "/taken") == [409] * 3
    service.seconds += 60
    assert service.statuses(6, "POST", "/booked") == [200] * 5 + [429]
    assert service.ask("POST", "/booked").headers["Retry-After"] == str(86_400 // 5)
    assert service.statuses(1, "GET", "/public") == [200]
    assert service.statuses(1, "POST", "/booked", peer="192.0.2.2") == [200]
    assert service.statuses(1, "DELETE", "/public") == [200]
    service.seconds += 86_400 // 5
    assert service.statuses(2, "POST", "/booked") == [200, 429]


def test_a_limit_counts_the_client_behind_a_trusted_proxy(service: Service) -> None:
    """And nobody else's header: a peer that is no proxy cannot give itself other addresses."""
    forged = [
        service.ask("GET", "/public", X_Forwarded_For=f"203.0.113.{number}").status_code
        for number in range(70)
    ]
    assert forged == [200] * 60 + [429] * 10
    behind = [
        service.ask(
            "GET", "/public", peer="10.0.0.1", X_Forwarded_For=f"1.2.3.{number}, 198.51.100.7"
        ).status_code
        for number in range(70)
    ]
    assert behind == [200] * 60 + [429] * 10
    assert service.statuses(1, "GET", "/public", peer="10.0.0.1", X_Forwarded_For="198.51.100.8") == [200]
    # Only the header that the proxy writes counts.
    assert service.statuses(1, "GET", "/public", Forwarded="for=198.51.100.9", X_Real_IP="198.51.100.9") == [
        429
    ]


def test_the_log_says_once_that_a_proxy_is_not_trusted(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    """Else its operator sees only that guests are refused."""
    service.ask("GET", "/public")
    service.ask("GET", "/public", peer="10.0.0.1", X_Forwarded_For="203.0.113.9")
    assert "X-Forwarded-For" not in capsys.readouterr().err
    service.statuses(3, "GET", "/public", X_Forwarded_For="203.0.113.9")
    said = capsys.readouterr().err
    assert said.count("X-Forwarded-For is ignored") == 1
    assert "203.0.113.9" not in said and "192.0.2.1" not in said


@pytest.mark.parametrize("path", ["/client", "/public", "/nothing"])
def test_a_foreign_host_is_told_nothing(service: Service, basic: str, path: str) -> None:
    """Before anything else: no challenge, no 404, no CORS."""
    answer = service.ask("GET", path, host="evil.example", Authorization=basic, Origin="http://evil.example")
    assert (answer.status_code, answer.json["code"]) == (421, "foreign_host")
    assert not {"WWW-Authenticate", "Access-Control-Allow-Origin"} & {*answer.headers}
    assert "evil" not in answer.text and "book.example.com" not in answer.text


def test_foreign_hosts_use_up_no_limit(service: Service) -> None:
    """The order is host, limits, credentials."""
    service.statuses(100, "GET", "/public", host="evil.example")
    assert service.statuses(1, "GET", "/public") == [200]


def test_the_public_name_is_answered(service: Service) -> None:
    """A host that a proxy claims the client used does not count."""
    assert service.statuses(1, "GET", "/public", host="book.example.com") == [200]
    asked = {"host": "evil.example", "peer": "10.0.0.1", "X_Forwarded_Host": "book.example.com"}
    assert service.statuses(1, "GET", "/public", **asked) == [421]


@pytest.mark.parametrize("method", ["POST", "PATCH"])
@pytest.mark.parametrize(
    ("kind", "plain", "browser"),
    [
        ("application/json", 200, 200),
        ("application/json; charset=utf-8", 200, 200),
        ("APPLICATION/JSON", 200, 200),
        ("application/x-www-form-urlencoded", 200, 415),
        ("", 200, 415),
        (None, 200, 415),
        ("text/plain", 415, 415),
        ("multipart/form-data; boundary=x", 415, 415),
        ("application/jsonp", 415, 415),
        ("text/plain; application/json", 415, 415),
        ("text/plain, application/json", 415, 415),
    ],
)
def test_a_form_of_another_site_changes_nothing(
    service: Service, basic: str, method: str, kind: str | None, plain: int, browser: int
) -> None:
    """A browser may send what it remembers of a login; a form cannot be JSON. Plain curl may be anything."""
    typed = {} if kind is None else {"Content_Type": kind}
    asked = {"Authorization": basic} | typed
    assert service.statuses(1, method, "/client", **asked) == [plain]
    assert service.statuses(1, method, "/client", Origin="https://evil.example", **asked) == [browser]
    for site in ("cross-site", "same-site", "same-origin", "none"):
        assert service.statuses(1, method, "/client", Sec_Fetch_Site=site, **asked) == [browser]


def test_pages_of_other_sites_may_use_public_operations(service: Service) -> None:
    """The preflight and the answer say so, also of errors; without credentials."""
    preflight = service.ask(
        "OPTIONS", "/public", Origin="https://shop.example", Access_Control_Request_Method="POST",
        Access_Control_Request_Headers="content-type",
    )  # fmt: skip
    assert preflight.status_code == 200
    assert preflight.headers["Access-Control-Allow-Origin"] == "*"
    assert {"GET", "POST"} <= {*preflight.headers["Access-Control-Allow-Methods"].split(", ")}
    assert preflight.headers["Access-Control-Allow-Headers"] == "content-type"
    for _ in range(61):
        answer = service.ask("GET", "/public", Origin="https://shop.example")
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]
        assert "Access-Control-Allow-Credentials" not in answer.headers
    assert answer.status_code == 429


@pytest.mark.parametrize("path", ["/client", "/both", "/account", "/nothing"])
def test_pages_of_other_sites_may_use_nothing_else(service: Service, basic: str, path: str) -> None:
    """No preflight is granted, no answer can be read."""
    for method in ("OPTIONS", "GET", "POST"):
        answer = service.ask(
            method, path, Authorization=basic, Access_Control_Request_Method="POST",
            Access_Control_Request_Headers="authorization,content-type", Content_Type="application/json",
            **ELSEWHERE,
        )  # fmt: skip
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]


def test_a_method_that_is_not_there(service: Service) -> None:
    """405, whoever asks: it is no secret what the description says."""
    answer = service.ask("PUT", "/client")
    assert answer.status_code == 405
