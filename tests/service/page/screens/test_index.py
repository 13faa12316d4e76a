"""The list of public meetings: what each is about, and its next free day."""

from pathlib import Path

import pytest
from support.api import make_api_office
from support.markup import markup_problems
from support.page import Browser
from support.page_forms import parsed, text_of

TUESDAY = "Next free day: Tuesday 24 November."


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A workspace with the public profile demo and a private one."""
    office = make_api_office(tmp_path / "office", "accounts: [alice]\npublic: true", "serve: {name: Harbour}")
    add_profile(office, "secret", "title: Secret talks", "accounts: [alice]")
    return office


def add_profile(office: Path, name: str, *lines: str) -> None:
    """Add a profile to a workspace."""
    (office / f"profiles/{name}.yaml").write_text("\n".join(lines))


def shown(office: Path, query: str = "", language: str = "en") -> str:
    """Return the words of the list."""
    answer = Browser(office).get(f"/b/{query}", Accept_Language=language)
    assert answer.status_code == 200
    assert markup_problems(answer.text) == []
    return text_of(parsed(answer.text))


def test_the_list_has_the_public_meetings(office: Path) -> None:
    """Each with what it is about, how long and where it is, and the first day that has times."""
    add_profile(
        office,
        "visit",
        "accounts: [bob]",
        "public: true",
        "title: Studio visit",
        'description: "See the studio.\\nMeet us.\\n\\nAgenda: tea"',
        "durationMinutes: 90",
        "location: Speicherstraße 12",
    )
    text = shown(office)
    assert "Book a meeting with Harbour Choose what it is about." in text
    assert f"Demo 30 minutes. {TUESDAY}" in text
    assert "Studio visit See the studio. Meet us. 1 hour, 30 minutes, Speicherstraße 12. Next" in text
    assert "Secret" not in text and "Agenda" not in text


def test_the_list_speaks_german(office: Path) -> None:
    """Also dates and lengths."""
    text = shown(office, language="de")
    assert "Demo 30 Minuten. Nächster freier Tag: Dienstag, 24. November." in text


def test_a_day_is_that_of_the_guest(office: Path) -> None:
    """In Auckland the first time of Tuesday, 09:00 in Berlin, is still on Tuesday; in Honolulu on Monday."""
    assert TUESDAY in shown(office, "?tz=Pacific/Auckland")
    assert "Next free day: Monday 23 November." in shown(office, "?tz=Pacific/Honolulu")


def test_links_keep_the_zone_and_the_language(office: Path) -> None:
    """And nothing that belongs to one meeting."""
    text = Browser(office).get("/b/?tz=Europe/London&lang=de&move=x&mine=y").text
    assert '<a href="/b/demo?tz=Europe/London&amp;lang=de">' in text


def test_calendars_that_cannot_be_read_are_no_full_ones(office: Path) -> None:
    """The list says so, and has the other meetings as always."""
    add_profile(office, "other", "title: Other", "accounts: [bob]", "public: true", "timeAvailableFor: P7D")
    (office / "bob.ics").write_text("nonsense")
    text = shown(office)
    assert f"Demo 30 minutes. {TUESDAY}" in text
    assert "Other 30 minutes. We cannot read the calendars now." in text


def test_a_meeting_without_times_is_listed(office: Path) -> None:
    """What has no times now may have some tomorrow."""
    add_profile(
        office, "over", "title: Over", "accounts: [bob]", "public: true", "endTime: 2026-01-01T00:00Z"
    )
    assert "Over 30 minutes. There are no free times at the moment." in shown(office)


def test_a_broken_profile_is_left_out(office: Path) -> None:
    """One mistake does not take the others from the list."""
    add_profile(office, "broken", "public: [")
    add_profile(office, "strange", "public: true", "accounts: [nobody]")
    text = shown(office)
    assert TUESDAY in text
    assert "broken" not in text and "strange" not in text


def test_without_public_meetings_the_list_is_kind(tmp_path: Path) -> None:
    """It says whom a guest can ask, and how the team begins."""
    text = shown(make_api_office(tmp_path / "private"))
    assert "There is nothing to book here yet" in text
    assert "ask the people who sent you here" in text
    assert "its profile says public: true" in text


def test_names_of_profiles_are_text(office: Path) -> None:
    """A title is no HTML."""
    add_profile(office, "html", 'title: "<b>&amp;"', "accounts: [bob]", "public: true")
    assert "<b>&amp;" in shown(office)


def test_a_long_list_costs_no_more(office: Path) -> None:
    """Only the first ones are searched for a free day."""
    for number in range(30):
        add_profile(office, f"m{number:02}", f"title: M{number:02}", "accounts: [carol]", "public: true")
    text = shown(office)
    assert "M29 30 minutes." in text
    assert text.count("Next free day") == 20
