"""Health: the process answers, and the workspace can be booked."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.http_service import HttpService
from support.samples import copy_samples

from gbook.service.health import unwritable
from gbook.workspace.workspace import open_workspace


def status(service: HttpService, path: str) -> int:
    """Return the status of a question that anyone may ask."""
    return service.ask("GET", path, is_anonymous=True).status


def test_a_broken_workspace_is_alive_but_not_ready(http_service: HttpService) -> None:
    """A supervisor must not restart it; a load balancer leaves it out until it is mended."""
    config = http_service.workspace / "gbook.yaml"
    kept = config.read_text()
    assert [status(http_service, path) for path in ("/healthz", "/readyz")] == [200, 200]
    config.write_text("accounts: 7\n")
    assert [status(http_service, path) for path in ("/healthz", "/readyz")] == [200, 503]
    config.write_text(kept)
    assert status(http_service, "/readyz") == 200


def test_a_calendar_that_cannot_be_written_is_not_ready(http_service: HttpService) -> None:
    """The log names it, once; the answer does not."""
    calendar = http_service.workspace / "sample_calendars/bob.ics"
    calendar.chmod(0o444)
    for _ in range(3):
        answer = http_service.ask("GET", "/readyz", is_anonymous=True)
        assert (answer.status, answer.document) == (503, {"status": "Unavailable"})
        assert answer.headers["retry-after"]
    assert http_service.log.count("not ready: account bob: ") == 1
    calendar.chmod(0o644)
    assert status(http_service, "/readyz") == 200
    assert "ready again" in http_service.log


def test_calendars_that_are_only_read_do_not_matter(tmp_path: Path) -> None:
    """The holidays of the samples are readonly."""
    workspace = open_workspace(copy_samples(tmp_path))
    (tmp_path / "sample_calendars/holidays.ics").chmod(0o444)
    assert list(unwritable(workspace)) == []


@pytest.mark.parametrize(("name", "mode"), [("carol", 0o555), ("", 0o555)])
def test_folders_must_be_writable(tmp_path: Path, name: str, mode: int) -> None:
    """That of a vdir for new items, that of files for their replacement."""
    workspace = open_workspace(copy_samples(tmp_path))
    folder = tmp_path / "sample_calendars" / name
    folder.chmod(mode)
    try:
        reasons = list(unwritable(workspace))
    finally:
        folder.chmod(0o755)
    assert any("write-protected" in reason for reason in reasons)
    assert len(reasons) == (1 if name else len(workspace.accounts) - 1)
