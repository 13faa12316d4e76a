"""The sample workspace of the repository, copied."""

from __future__ import annotations

import shutil
from pathlib import Path

__all__ = ["ROOT", "SAMPLE_CALENDARS", "copy_samples", "set_serve"]

ROOT = Path(__file__).parents[2]
SAMPLE_CALENDARS = ROOT / "sample_calendars"


def copy_samples(folder: Path) -> Path:
    """Copy gbook.yaml, the profiles and the calendars to a folder, and return it; lock files are left out."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / "gbook.yaml", folder)
    for name in ("profiles", "sample_calendars"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns(".*"))
    return folder


def set_serve(workspace: Path, keys: str) -> None:
    """Add keys, such as "baseUrl: https://book.example.com", to `serve` of a copy of the sample workspace."""
    path = workspace / "gbook.yaml"
    text = path.read_text("utf-8")
    assert "serve: {" in text
    path.write_text(text.replace("serve: {", f"serve: {{{keys}, "), "utf-8")
