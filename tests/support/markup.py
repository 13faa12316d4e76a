"""What is wrong with a page's HTML: errors of its syntax, and broken ties between its elements.

No browser and no Java are needed. The parser of the HTML standard finds wrong nesting, missing ends of
elements and unknown entities; the rest is what a guest with a screen reader or without a script depends on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from xml.etree.ElementTree import Element

from tinyhtml5.parser import HTMLParser

__all__ = ["markup_problems"]

# Attributes whose words are ids of the same page.
_TIES = (
    "for",
    "headers",
    "list",
    "form",
    "aria-describedby",
    "aria-labelledby",
    "aria-controls",
    "aria-owns",
)
_CHILDREN = {
    "ul": {"li"},
    "ol": {"li"},
    "dl": {"dt", "dd", "div"},
    "table": {"caption", "thead", "tbody", "tr"},
    "tbody": {"tr"},
    "tr": {"td", "th"},
    "select": {"option", "optgroup"},
    "optgroup": {"option"},
}
# Elements that hold words only, and elements that are no words.
_WORDS = {
    "p",
    "span",
    "small",
    "b",
    "strong",
    "time",
    "label",
    "a",
    "button",
    "h1",
    "h2",
    "h3",
    "h4",
    "legend",
}
_BLOCKS = {
    "p",
    "div",
    "ul",
    "ol",
    "dl",
    "table",
    "form",
    "section",
    "nav",
    "h1",
    "h2",
    "h3",
    "fieldset",
    "details",
}
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


def markup_problems(html: str) -> list[str]:
    """Return what is wrong with a page, each as a line; empty if nothing is."""
    parser = HTMLParser(namespace_html_elements=False)
    page = parser.parse(html)
    syntax = [f"line {line}: {code} {values or ''}".rstrip() for (line, _), code, values in parser.errors]
    checks = (_head, _ids, _labels, _headings, _nesting, _policy, _times)
    return [*syntax, *(problem for check in checks for problem in check(page))]


def _attributes(page: Element, names: Iterable[str]) -> Iterator[tuple[Element, str, str]]:
    wanted = set(names)
    for element in page.iter():
        for name, value in element.items():
            if name in wanted:
                yield element, name, value


def _head(page: Element) -> Iterator[str]:
    if not page.get("lang"):
        yield "html has no lang"
    if not "".join(text for title in page.iter("title") for text in title.itertext()).strip():
        yield "the title is empty"


def _ids(page: Element) -> Iterator[str]:
    ids = Counter(value for _, _, value in _attributes(page, ["id"]))
    yield from (f"id {name} is there {count} times" for name, count in ids.items() if count > 1)
    for element, name, value in _attributes(page, _TIES):
        yield from (f"{element.tag} {name}={each}: no such id" for each in value.split() if each not in ids)
    for _, _, value in _attributes(page, ["href"]):
        if value.startswith("#") and value[1:] not in ids:
            yield f"a link leads to {value}: no such id"


def _labels(page: Element) -> Iterator[str]:
    labelled = {value for element, _, value in _attributes(page, ["for"]) if element.tag == "label"}
    wrapped = {control for label in page.iter("label") for control in label.iter()}
    for control in page.iter():
        if control.tag not in ("input", "select", "textarea") or control.get("type") in ("hidden", "submit"):
            continue
        if not (control.get("id") in labelled or control in wrapped or control.get("aria-labelledby")):
            yield f"{control.tag} {control.get('name')} has no label"


def _headings(page: Element) -> Iterator[str]:
    levels = [_HEADINGS.index(element.tag) + 1 for element in page.iter() if element.tag in _HEADINGS]
    if levels.count(1) != 1:
        yield f"{levels.count(1)} elements h1, expected one"
    yield from (
        f"h{low} after h{high}" for high, low in zip([0, *levels], levels, strict=False) if low > high + 1
    )


def _nesting(page: Element) -> Iterator[str]:
    for parent in page.iter():
        if parent.tag in _CHILDREN:
            wrong = [child.tag for child in parent if child.tag not in _CHILDREN[parent.tag]]
            yield from (f"{child} in {parent.tag}" for child in wrong)
        if parent.tag in _WORDS:
            blocks = sorted({each.tag for each in parent.iter() if each is not parent} & _BLOCKS)
            yield from (f"{block} in {parent.tag}" for block in blocks)


def _policy(page: Element) -> Iterator[str]:
    """Name what the page's Content-Security-Policy makes browsers ignore."""
    for element in page.iter():
        inline = [name for name, _ in element.items() if name == "style" or name.startswith("on")]
        yield from (f"{element.tag} has the attribute {name}" for name in inline)
        if element.tag == "style" or (element.tag == "script" and not element.get("src")):
            yield f"{element.tag} in the page"
    for element, name, value in _attributes(page, ["src", "action", "href"]):
        if "//" in value and (name != "href" or element.tag == "link"):
            yield f"{element.tag} {name}={value}: another site"


def _times(page: Element) -> Iterator[str]:
    for element, _, value in _attributes(page, ["datetime"]):
        try:
            (date if len(value) == len("2026-11-30") else datetime).fromisoformat(value)
        except ValueError:
            yield f"{element.tag} datetime={value}: not a date or time"
