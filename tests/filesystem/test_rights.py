"""Rights of new files: the umask counts in folders of all, and is never changed to be read."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from gbook.filesystem.rights import rights_in


@pytest.fixture
def sticky(tmp_path: Path) -> os.stat_result:
    """A folder like /tmp."""
    tmp_path.chmod(0o1777)
    return tmp_path.stat()


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_the_umask_limits_a_file_in_a_folder_of_all(sticky: os.stat_result, mask: int, mode: int) -> None:
    """It is the same afterwards."""
    before = os.umask(mask)
    try:
        assert rights_in(sticky).mode == mode
    finally:
        assert os.umask(before) == mask


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell the umask")
def test_other_threads_do_not_notice(sticky: os.stat_result, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files that they make meanwhile get the rights that they should."""

    def fail(mask: int) -> int:
        raise AssertionError(mask)

    monkeypatch.setattr(os, "umask", fail)
    assert rights_in(sticky).mode & ~0o666 == 0
    assert stat.S_IMODE(sticky.st_mode) == 0o1777
