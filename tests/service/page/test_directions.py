"""Names in Hebrew or Arabic beside other words: they do not turn the words around them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
from falcon import testing
from support.api import FREE
from support.page_forms import parsed
from support.page_guest import PageGuest, make_page_office

GUEST, TEAM, TITLE, PLACE = "שלום כהן", "הצוות", "פגישה", "غرفة"
SENT = {"name": GUEST, "email": "shalom@example.net"}
RIGHT_TO_LEFT = re.compile("[\u0590-\u06ff]")
# Their text is no element's, or is shown by itself.
APART = ("bdi", "title", "option", "textarea")


def mixed(page: Element) -> Iterator[str]:
    """Yield each text from right to left that other words of its element stand beside."""
    for parent in page.iter():
        texts = [parent.text, *(child.tail for child in parent)]
        whole = "".join(parent.itertext()).strip()
        if parent.tag not in APART:
            yield from (
                text for text in texts if text and RIGHT_TO_LEFT.search(text) and text.strip() != whole
            )


@pytest.fixture
def guest(tmp_path: Path) -> PageGuest:
    """A guest of a team with such names."""
    profile = f"title: {TITLE}\nlocation: {PLACE}\nadditionalFields: [{{name: {TITLE}, default: ''}}]\n"
    office = make_page_office(tmp_path / "office", profile, f"serve: {{name: {TEAM}}}\n")
    other = (office / "profiles/demo.yaml").read_text().replace("id: 1", "id: 2\nseveral: true")
    (office / "profiles/several.yaml").write_text(other)
    return PageGuest(office)


def pages(guest: PageGuest) -> Iterator[testing.Result]:
    """Yield the pages that show names."""
    path = f"/b/demo?slot={FREE[0]}"
    yield from (guest.get("/b/"), guest.get("/b/demo"), guest.get("/b/several"), guest.get(path))
    form = guest.form(path)
    yield guest.send(form, name=GUEST)
    yield guest.get(guest.send(form, **SENT).headers["location"])
    yield guest.send(guest.form_in(guest.get(f"/b/demo?slot={FREE[1]}"), path), **SENT, slot=FREE[0])
    asked = guest.send(guest.form(f"/b/several?slot={FREE[2]}"), **SENT)
    yield guest.get(asked.headers["location"])
    yield guest.get("/team", Authorization=guest.api.authorization)


def test_names_from_right_to_left_stand_apart(guest: PageGuest) -> None:
    """So that "שלום כהן, 30 minutes" has its words in this order."""
    seen = 0
    for page in pages(guest):
        document = parsed(page.text)
        assert [*mixed(document)] == []
        seen += len(RIGHT_TO_LEFT.findall("".join(document.itertext()))) > 0
    assert seen == 9
