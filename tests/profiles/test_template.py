"""Variables in a profile's texts."""

from __future__ import annotations

import pytest

from gbook.errors import UsageError
from gbook.profiles.model import AdditionalField, Profile
from gbook.profiles.template import Filled, builtin_of, fields, fill, substitute

PROFILE = Profile(
    name="demo",
    subject="{{name}}: {{ topic }}",
    description="{{comments}} {{topic}} {{unclosed} {{}} { {x} }",
    location="{{openMeetingUrl}}{{room}}",
    additional_fields=(AdditionalField(name="room", default="A1"), AdditionalField(name="unused")),
)


def test_fields_come_in_order_of_appearance() -> None:
    """Subject, description, location; once each; what gbook fills is not asked for."""
    assert [(field.name, field.type, field.default) for field in fields(PROFILE)] == [
        ("topic", "text", None),
        ("comments", "text", None),
        ("room", "text", "A1"),
    ]


def test_variables_are_filled_in() -> None:
    """Defaults where nothing is given; what gbook does not know is empty; other braces stay."""
    assert fill(PROFILE, {"topic": "Roof", "comments": "soon"}, {"name": "Jane"}) == Filled(
        "Jane: Roof", "soon Roof {{unclosed} {{}} { {x} }", "A1"
    )
    assert fill(PROFILE, {"topic": "", "comments": "", "room": "B2"}, {"name": "J"}).location == "B2"


def test_links_are_filled_by_gbook() -> None:
    """Unless the profile has fields of these names, as profiles of an earlier version may."""
    texts = {"name": "demo", "description": "{{ manageUrl }}{{rescheduleToken}} {{id}}"}
    profile = Profile(**texts)  # type: ignore[arg-type]
    assert fields(profile) == []
    assert builtin_of(profile) == {"manageUrl", "rescheduleToken", "id"}
    assert fill(profile, {}, {"manageUrl": "u", "rescheduleToken": "t"}).description == "ut "
    older = Profile(**texts, additional_fields=(AdditionalField(name="manageUrl"),))  # type: ignore[arg-type]
    assert [field.name for field in fields(older)] == ["manageUrl"]
    assert builtin_of(older) == {"rescheduleToken", "id"}


def test_a_value_is_taken_literally() -> None:
    """A guest cannot reach other variables, nor patterns, by what they type."""
    filled = fill(PROFILE, {"topic": "{{comments}} \\1 \\g<0>", "comments": "secret"}, {"name": "{{topic}}"})
    assert filled.subject == "{{topic}}: {{comments}} \\1 \\g<0>"


def test_all_that_is_missing_or_unknown_is_named_at_once() -> None:
    """With the option to type, and the nearest name."""
    with pytest.raises(UsageError) as caught:
        fill(PROFILE, {"comment": "x", "email": "y", "zzz": "1"}, {})
    assert caught.value.message == (
        "this profile needs topic, comments (--field topic=… --field comments=…); "
        "this profile has no field 'comment'; did you mean comments?; "
        "email is set by gbook; it cannot be passed with --field; "
        "this profile has no field 'zzz'; its fields: topic, comments, room"
    )
    assert caught.value.details == {"fields": ["topic", "comments", "room"]}


def test_substitute_leaves_what_it_does_not_know() -> None:
    """The conference link of gbook.yaml is filled the same way."""
    assert substitute("https://x/{{ id }}/{{y}}", {"id": "7"}) == "https://x/7/{{y}}"
