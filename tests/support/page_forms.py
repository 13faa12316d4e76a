"""The links and forms of a page as a browser without a script reads them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urljoin
from xml.etree.ElementTree import Element

from support.cldr import plain
from tinyhtml5.parser import HTMLParser

__all__ = ["PageForm", "forms_of", "link_of", "parsed", "text_of"]


class PageForm(NamedTuple):
    """A form: where it is sent, how, and the values that its fields have."""

    action: str
    method: str
    fields: dict[str, list[str]]


def parsed(html: str) -> Element:
    """Return the document of a page."""
    document: Element = HTMLParser(namespace_html_elements=False).parse(html)
    return document


def text_of(element: Element) -> str:
    """Return the words of an element, as `plain` writes them."""
    return plain("".join(element.itertext()))


def link_of(html: str, address: str, words: str) -> str:
    """Return where the first link leads whose name has `words`; `address` is the page's own."""
    for link in parsed(html).iter("a"):
        if words in text_of(link):
            return urljoin(address, link.get("href", "")).partition("#")[0]
    raise AssertionError(f"{address} has no link {words!r}")


def forms_of(html: str, address: str) -> list[PageForm]:
    """Return the forms of a page in their order."""
    return [
        PageForm(urljoin(address, form.get("action", "")), form.get("method", "get"), _fields(form))
        for form in parsed(html).iter("form")
    ]


def _fields(form: Element) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for name, value in _values(form):
        fields.setdefault(name, []).append(value)
    return fields


def _values(form: Element) -> Iterator[tuple[str, str]]:
    """Yield the names and values that the form sends if nothing is changed; not those of its buttons."""
    for element in form.iter():
        name = element.get("name")
        if name is None or element.get("disabled") is not None:
            continue
        if element.tag == "textarea":
            yield name, "".join(element.itertext()).removeprefix("\n")
        elif element.tag == "select":
            options = list(element.iter("option"))
            chosen = [each for each in options if each.get("selected") is not None] or options[:1]
            yield from ((name, each.get("value", text_of(each))) for each in chosen)
        elif element.tag == "input" and _is_sent(element):
            yield name, element.get("value", "")


def _is_sent(control: Element) -> bool:
    kind = control.get("type", "text")
    if kind in ("checkbox", "radio"):
        return control.get("checked") is not None
    return kind not in ("submit", "button", "file", "image", "reset")
