"""The findings of `gbook check`: as a JSON document, and as text grouped by file."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from gbook.render.tables import Column, print_list
from gbook.render.text import Styled, clean
from gbook.timeutil.format import count

if TYPE_CHECKING:
    from gbook.checks.report import Finding, Report
    from gbook.render.console import Console

__all__ = ["problems_document", "show_problems"]

_STYLES = {"error": "bold red", "warning": "yellow"}


def problems_document(report: Report) -> dict[str, Any]:
    """Return the JSON document of `gbook check`."""
    return {"problems": [finding._asdict() for finding in report.findings]}


def show_problems(console: Console, report: Report) -> None:
    """Print the findings file by file, then a one-line summary."""
    for path, findings in groupby(report.findings, key=lambda finding: finding.path):
        console.print(Styled(clean(path or "workspace"), style="bold"), soft_wrap=True)
        _show_file(console, list(findings))
        console.print()
    checked = ", ".join(
        (
            count(report.accounts, "account"),
            count(report.calendars, "calendar"),
            count(report.events, "event"),
            count(report.profiles, "profile"),
        )
    )
    if not report.findings:
        console.print_words(f"No problems in {checked}.")
        return
    errors, warnings = report.count("error"), report.count("warning")
    parts = [
        Styled(count(errors, "error"), style=_STYLES["error"] if errors else ""),
        Styled(f", {count(warnings, 'warning')}", style=_STYLES["warning"] if warnings else ""),
        Styled(f" in {checked}."),
    ]
    console.print_parts(parts)


def _show_file(console: Console, findings: list[Finding]) -> None:
    columns = (
        Column(whole=True, is_number=True, min_width=4, heading=True),
        Column(whole=True, min_width=max(map(len, _STYLES)), heading=True),
        Column(),
    )
    rows = [
        (
            "" if finding.line is None else str(finding.line),
            Styled(finding.severity, style=_STYLES[finding.severity]),
            finding.message,
        )
        for finding in findings
    ]
    print_list(console, columns, rows)
