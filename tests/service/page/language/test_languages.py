"""The translations are whole: each text of the templates has one, and nothing else has."""

import re
from collections.abc import Mapping

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from gbook.service.page.language import languages

PAGE = languages.FOLDER.parent
METHODS = [("**.html", "jinja2")]
OPTIONS = {"**.html": {"trimmed": "true", "newstyle_gettext": "true"}}
TRANSLATED = [name for name in languages.LANGUAGES if name != "en"]


def texts_of_templates() -> Mapping[str, tuple[str, ...]]:
    """Return the texts of all templates by their singular."""
    found = Catalog()
    for _, _, text, _, context in extract_from_dir(PAGE / "templates", METHODS, OPTIONS):
        found.add(text, context=context)
    return {message_id(message): texts(message.id) for message in found if message.id}


def translated(name: str) -> dict[str, Message]:
    """Return the messages of a catalog by their singular."""
    with (PAGE / f"locale/{name}.po").open("rb") as file:
        return {message_id(message): message for message in read_po(file, locale=name) if message.id}


def message_id(message: Message) -> str:
    """Return the singular of a message."""
    return texts(message.id)[0]


def texts(value: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    """Return the forms of a text."""
    return (value,) if isinstance(value, str) else tuple(value)


def placeholders(text: str) -> set[str]:
    """Return the names of the values that a text shows."""
    return set(re.findall(r"%\((\w+)\)s", text))


@pytest.mark.parametrize("name", TRANSLATED)
def test_every_text_of_the_page_is_translated(name: str) -> None:
    """None is missing, left over or unsure, and each shows the same values."""
    wanted, found = texts_of_templates(), translated(name)
    assert set(found) == set(wanted)
    for singular, message in found.items():
        forms = texts(message.string or "")
        assert all(forms) and not message.fuzzy, singular
        assert len(forms) >= len(wanted[singular]), singular
        shown = placeholders(" ".join(wanted[singular]))
        # A form for one may leave out the number.
        assert all(placeholders(form) <= shown for form in forms), singular
        assert placeholders(forms[-1]) == shown, singular


def test_texts_are_found() -> None:
    """Otherwise the test above would compare nothing."""
    assert "Skip to the main part" in texts_of_templates()
    assert TRANSLATED == ["de"]
