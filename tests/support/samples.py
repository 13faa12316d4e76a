"""The sample workspace of the repository, copied."""

from __future__ import annotations

import shutil
from pathlib import Path

__all__ = ["ROOT", "SAMPLE_CALENDARS", "copy_samples"]

ROOT = Path(__file__).parents[2]
SAMPLE_CALENDARS = ROOT / "sample_calendars"


def copy_samples(folder: Path) -> Path:
    """Copy gbook.yaml, the profiles and the calendars to a folder, and return it; lock files are left out."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "gbook.yaml", folder)
    for name in ("profiles", "sample_calendars"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns(".*"))
    return folder
