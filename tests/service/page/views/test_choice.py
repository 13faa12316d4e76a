"""What an address says: weeks, a day, picked times; whatever it is, the page knows what to show."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, timedelta
from pathlib import Path

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from gbook.service.call import Call
from gbook.service.page.views.choice import Choice
from gbook.service.page.web.starts import stamp
from gbook.service.page.web.visit import Visit
from gbook.timeutil.instants import parse_instant
from gbook.workspace.config import Config
from gbook.workspace.workspace import Workspace

# A Wednesday.
TODAY = date(2026, 11, 25)
MONDAY = date(2026, 11, 23)


def choice(**query: str) -> Choice:
    return choice_in(Locale("en", "GB"), query)


def choice_in(locale: Locale, query: Mapping[str, str]) -> Choice:
    named = {name.rstrip("_"): value for name, value in query.items()}
    call = Call(workspace=Workspace(Path(), Config(timezone="UTC")), now=0)
    return Choice.of(Visit(call=call, locale=locale, clock=0, query=named), TODAY)


def test_the_weeks_of_today() -> None:
    """They begin as weeks do where the guest lives."""
    assert choice() == (MONDAY, MONDAY, None, [])
    assert choice_in(Locale("en", "US"), {}).first == date(2026, 11, 22)
    assert choice().is_first and choice().earlier is None


def test_later_weeks() -> None:
    """From the week of a day on, up to the limit of weeks before."""
    later = choice(from_="2027-01-06")
    assert (later.first, later.earlier) == (date(2027, 1, 4), date(2026, 11, 30))
    assert choice(from_="2026-12-02").earlier == MONDAY
    assert choice(from_="2026-10-01").first == MONDAY


@pytest.mark.parametrize(
    ("query", "first", "day"),
    [
        ({"day": "2026-12-01"}, MONDAY, date(2026, 12, 1)),
        ({"day": "2026-11-23"}, MONDAY, MONDAY),
        ({"day": "2026-11-22"}, MONDAY, None),
        ({"day": "2026-12-28"}, date(2026, 12, 28), date(2026, 12, 28)),
        ({"day": "2026-12-01", "from_": "2027-01-04"}, date(2027, 1, 4), None),
    ],
)
def test_a_day_is_in_its_weeks(query: dict[str, str], first: date, day: date | None) -> None:
    """A later day than these weeks have has its own, unless the address names the weeks."""
    found = choice(**query)
    assert (found.first, found.day) == (first, day)


def test_picked_times() -> None:
    """At most three, each once, in order; one more, or one less."""
    texts = "2026-12-01T09:00Z,2026-11-30T09:00Z,2026-11-30T09:00Z,2026-12-02T09:00Z"
    found = choice(picked=texts)
    assert [*map(stamp, found.picked)] == ["2026-11-30T09:00Z", "2026-12-01T09:00Z"]
    last = parse_instant("2026-12-03T09:30:15Z", UTC)
    assert found.with_picked(last) == "2026-11-30T09:00Z,2026-12-01T09:00Z,2026-12-03T09:30:15Z"
    assert found.with_picked(found.picked[0]) == "2026-12-01T09:00Z"
    assert choice(picked="2026-12-01T09:00Z").with_picked(found.picked[1]) is None


@given(st.dictionaries(st.sampled_from(["day", "from_", "picked"]), st.text() | st.dates().map(str)))
def test_any_address(query: dict[str, str]) -> None:
    """Whole weeks, none before this one, and a day in them."""
    found = choice(**query)
    assert found.first >= MONDAY and found.first.weekday() == 0
    assert found.day is None or found.first <= found.day < found.end
    assert found.end - found.first == timedelta(days=35)
