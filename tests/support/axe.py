"""What axe-core finds on a page as the browser shows it, and what it does not measure."""

from __future__ import annotations

from collections.abc import Sequence

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

__all__ = ["COLOUR_RULES", "add_axe", "axe_violations", "cut_off_text", "open_details", "size_problems"]

# What depends on the colours of a page; all else is alike in light, dark and forced colours.
COLOUR_RULES = ("color-contrast", "link-in-text-block")
# The rules of WCAG 2.0 to 2.2, levels A and AA, and those of good practice. target-size is off by default.
_OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
    "selectors": False,
    "iframes": False,
}
_RUN = """async options => (await axe.run(options)).violations.flatMap(rule =>
    rule.nodes.map(node => `${rule.id}: ${node.html.slice(0, 200)} ${node.failureSummary}`))"""
# Controls that a finger must hit: 44 CSS pixels each way (WCAG 2.2, 2.5.5), without links inside a sentence,
# and without what is there for screen readers only. A label of a checkbox or radio button counts with it.
_SIZES = """() => {
  const isSeen = element => element.checkVisibility({visibilityProperty: true})
      && !element.closest('[aria-hidden=true]') && getComputedStyle(element).clipPath === 'none';
  const box = element => {
    const boxes = [element, ...(element.labels ?? [])].map(each => each.getBoundingClientRect());
    const most = name => Math.max(...boxes.map(each => each[name]));
    const least = name => Math.min(...boxes.map(each => each[name]));
    return [most('right') - least('left'), most('bottom') - least('top')];
  };
  const isInSentence = element => element.matches('p a, dd a')
      && element.parentElement.textContent.trim() !== element.textContent.trim();
  const found = [...document.querySelectorAll('a[href], button, input, select, textarea, summary')]
      .filter(element => isSeen(element) && !isInSentence(element) && Math.min(...box(element)) < 43.99)
      .map(element => `${box(element)} pixels: ${element.outerHTML.slice(0, 120)}`);
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) found.push(`${root.scrollWidth} pixels wide`);
  return found;
}"""
# The spacing of text that a guest may choose (WCAG 2.2, 1.4.12). The page's policy allows no style element.
_SPACING = """
* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }
p { margin-bottom: 2em !important; }
"""
_CUT_OFF = """spacing => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(spacing);
  document.adoptedStyleSheets = [sheet];
  const isCut = element => element.checkVisibility() && getComputedStyle(element).overflow !== 'visible'
      && (element.scrollWidth > element.clientWidth + 2 || element.scrollHeight > element.clientHeight + 2);
  const found = [...document.querySelectorAll('a, button, td, th, label, summary, p, li, dd')]
      .filter(element => !element.closest('.vh, i') && isCut(element))
      .map(element => `cut off: ${element.outerHTML.slice(0, 120)}`);
  // Of a sentence in a flex box, each piece beside a name is a box of its own.
  found.push(...[...document.querySelectorAll('bdi')].map(name => name.parentElement)
      .filter(each => each.childNodes.length > 1 && getComputedStyle(each).display.includes('flex'))
      .map(each => `torn apart: ${each.outerHTML.slice(0, 120)}`));
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) found.push(`wide text: ${root.scrollWidth} pixels`);
  document.adoptedStyleSheets = [];
  return found;
}"""


def add_axe(page: Page) -> None:
    """Add axe-core to a page, which the page's Content-Security-Policy does not hinder."""
    page.evaluate(AXE_SCRIPT)


def axe_violations(page: Page, rules: Sequence[str] = ()) -> list[str]:
    """Return the violations of all rules, or of some, on a page that has axe-core: one an element."""
    options = {**_OPTIONS, "runOnly": [*rules], "rules": {}} if rules else _OPTIONS
    found: list[str] = page.evaluate(_RUN, options)
    return found


def size_problems(page: Page) -> list[str]:
    """Return the controls that are too small, and whether a page scrolls sideways."""
    found: list[str] = page.evaluate(_SIZES)
    return found


def cut_off_text(page: Page) -> list[str]:
    """Return what shows only a part of its text, tears a sentence apart, or is too wide with more space."""
    found: list[str] = page.evaluate(_CUT_OFF, _SPACING)
    return found


def open_details(page: Page, *, is_open: bool = True) -> None:
    """Open, or shut, all parts of a page that can be opened."""
    page.evaluate("open => document.querySelectorAll('details').forEach(each => each.open = open)", is_open)
