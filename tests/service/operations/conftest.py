"""The API of a small workspace."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.api import Api, make_api_office


@pytest.fixture
def api(tmp_path: Path) -> Api:
    """The API of a workspace with the profile demo, number 1, whose member is alice."""
    return Api(make_api_office(tmp_path / "office"))
