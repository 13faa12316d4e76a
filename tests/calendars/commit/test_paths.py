"""The paths of calendars: links are followed each time."""

from __future__ import annotations

from pathlib import Path

from gbook.calendars.commit.paths import companion_path, pending, real_path


def test_a_link_to_a_folder_may_change(tmp_path: Path) -> None:
    """A process that runs for days sees where it leads now."""
    calendars = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        calendars.append(tmp_path / name / "a.ics")
    link = tmp_path / "link"
    for calendar in calendars:
        link.unlink(missing_ok=True)
        link.symlink_to(calendar.parent)
        assert real_path(link / "a.ics") == str(calendar)


def test_calendars_with_a_journal_are_pending(tmp_path: Path) -> None:
    """Through links too."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "folder")
    paths = [tmp_path / "link" / name for name in ("a.ics", "b.ics")]
    Path(companion_path(real_path(paths[1]), "journal")).touch()
    assert pending(paths) == [paths[1]]
