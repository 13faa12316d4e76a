"""What guests may know of a profile, and which profiles there are for them."""

from pathlib import Path

import pytest
from babel import Locale
from support.api import Api, make_api_office

from gbook.profiles.model import Profile
from gbook.service.call import Call, Scope
from gbook.service.page.views.profiles import facts_of, page_facts, profile_of, public_profiles
from gbook.service.page.web.visit import Visit
from gbook.service.problems import ApiError
from gbook.timeutil.instants import now
from gbook.workspace.workspace import Workspace


def visit_of(workspace: Workspace, name: str = "demo", **query: str) -> Visit:
    """Return a visit of the page of a profile."""
    call = Call(workspace=workspace, now=now(), scope=Scope.PUBLIC, path={"name": name})
    return Visit(call=call, locale=Locale("en", "GB"), clock=0, query=query)


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A workspace with the public profile demo."""
    return make_api_office(tmp_path / "office", "accounts: [alice]\npublic: true")


def add_profile(office: Path, name: str, *lines: str) -> None:
    """Add a profile to a workspace."""
    (office / f"profiles/{name}.yaml").write_text("\n".join(["accounts: [alice]", *lines]))


@pytest.mark.parametrize(
    ("profile", "title"),
    [
        ({"subject": "Demo of {{name}}"}, "demo"),
        ({"subject": "Product demo"}, "Product demo"),
        ({"subject": "Product demo", "title": "See it"}, "See it"),
        ({}, "demo"),
    ],
)
def test_a_meeting_has_a_title_for_guests(office: Path, profile: dict[str, str], title: str) -> None:
    """Its title, else a subject that is whole and says something, else its name."""
    with Api(office).opened() as workspace:
        facts = facts_of(visit_of(workspace), Profile(name="demo", **profile))  # type: ignore[arg-type]
    assert facts.title == title


@pytest.mark.parametrize(
    ("profile", "is_video", "place"),
    [
        ({"location": "Speicherstraße 12\nHamburg"}, False, "Speicherstraße 12 Hamburg"),
        ({"location": "{{room}}"}, False, ""),
        ({"start_conference": True, "location": "Teleconference"}, True, "Teleconference"),
        ({"location": "{{openMeetingUrl}}", "open_meeting_url": "https://meet.example/a"}, True, ""),
        ({"open_meeting_url": "https://meet.example/a"}, False, ""),
    ],
)
def test_the_place_is_said_before_booking_and_the_link_is_not(
    office: Path, profile: dict[str, str], is_video: bool, place: str
) -> None:
    """A place that depends on the booking is not known yet."""
    with Api(office).opened() as workspace:
        facts = facts_of(visit_of(workspace), Profile(name="demo", **profile))  # type: ignore[arg-type]
    assert (facts.is_video, facts.place) == (is_video, place)


def test_lines_that_depend_on_the_guest_are_left_out(office: Path) -> None:
    """A guest never reads {{comments}}; control characters are no text."""
    described = Profile(
        description="A first\u202e talk.\n\nGuest: {{name}}\nComments: {{ comments }}\nBring tea."
    )
    with Api(office).opened() as workspace:
        assert facts_of(visit_of(workspace), described).description == "A first  talk.\n\nBring tea."


def test_the_list_is_offered_where_there_is_more(office: Path) -> None:
    """A private profile, and one whose file is broken, are no choice."""
    add_profile(office, "private")
    (office / "profiles/broken.yaml").write_text("public: [")
    with Api(office).opened() as workspace:
        visit = visit_of(workspace)
        assert not page_facts(visit, profile_of(visit)).others
        assert [profile.name for profile in public_profiles(visit.call)] == ["demo"]
        add_profile(office, "visit", "public: true")
        assert page_facts(visit, profile_of(visit)).others


@pytest.mark.parametrize("name", ["private", "nobody", "broken"])
@pytest.mark.parametrize("query", [{}, {"move": "guessed"}])
def test_what_is_not_public_does_not_exist(office: Path, name: str, query: dict[str, str]) -> None:
    """The answer is the same for a profile that is private, broken or unknown."""
    add_profile(office, "private")
    (office / "profiles/broken.yaml").write_text("public: [")
    with Api(office).opened() as workspace, pytest.raises(ApiError) as raised:
        profile_of(visit_of(workspace, name, **query))
    assert (raised.value.status, raised.value.code) == (404, "not_found")


def test_the_token_of_a_booking_opens_its_private_profile(office: Path) -> None:
    """Who has booked may move the booking, whether others may book or not."""
    api = Api(office)
    body = {"time": {"start": "2026-11-24T08:00:00Z", "end": "2026-11-24T08:30:00Z"}}
    token = api.ok("POST", "/group/profiles/1/meeting", body)["rescheduleToken"]
    path = office / "profiles/demo.yaml"
    path.write_text(path.read_text().replace("public: true", ""))
    add_profile(office, "other")
    with api.opened() as workspace:
        assert profile_of(visit_of(workspace, move=token)).name == "demo"
        with pytest.raises(ApiError):
            profile_of(visit_of(workspace, "other", move=token))
