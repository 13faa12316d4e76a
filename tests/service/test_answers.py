"""Answers over real sockets: HEAD as GET without a body, and the headers of both."""

from __future__ import annotations

import http.client
from collections.abc import Iterator

import pytest
from support.http_service import HttpService, running_service
from support.samples import copy_samples


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpService]:
    """A service over the sample workspace, which these tests only ask."""
    with running_service(copy_samples(tmp_path_factory.mktemp("answers") / "team")) as service:
        yield service


PATHS = ["/v1/openapi.json", "/v1/book/group/profiles", "/v1/book/group/profiles/77", "/nothing", "/healthz"]


@pytest.mark.parametrize("path", PATHS)
def test_head_is_get_without_a_body(service: HttpService, path: str) -> None:
    """Status, type and length are the same."""
    got, told = service.ask("GET", path), service.ask("HEAD", path)
    assert told.status == got.status
    assert told.body == b""
    for header in ("content-type", "content-length"):
        assert told.headers.get(header) == got.headers[header]


@pytest.mark.parametrize("path", PATHS[:-1])
def test_no_answer_is_stored_or_guessed_at(service: HttpService, path: str) -> None:
    """No cache keeps an answer, and no browser takes it for anything but JSON."""
    headers = service.ask("GET", path).headers
    assert (headers["cache-control"], headers["x-content-type-options"]) == ("no-store", "nosniff")


def test_head_needs_the_same_credentials(service: HttpService) -> None:
    """It is no way around them."""
    assert service.ask("HEAD", "/v1/book/group/profiles", is_anonymous=True).status == 401
    assert " HEAD /v1/book/group/profiles 401 " in service.log


def test_a_connection_is_of_use_after_head(service: HttpService) -> None:
    """The length that is told is not waited for."""
    connection = http.client.HTTPConnection(*service.address, timeout=30)
    for _ in range(3):
        connection.request("HEAD", "/healthz")
        assert connection.getresponse().read() == b""
    connection.close()
