"""The language of a page: English text is in the templates, its translations in locale/.

A catalog is a file of GNU gettext, LANGUAGE.po. Babel reads it when the server starts, so nothing is built.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

__all__ = ["LANGUAGES", "locale_of", "translations"]

FOLDER = Path(__file__).parents[1] / "locale"
# The first is that of a guest who understands none of them.
LANGUAGES = ("en", *sorted(path.stem for path in FOLDER.glob("*.po")))
DEFAULT = Locale("en", "GB")
# More than a browser sends.
MOST_WANTED = 20


@cache
def translations(language: str) -> NullTranslations:
    """Return the translations into a language of LANGUAGES."""
    path = FOLDER / f"{language}.po"
    if not path.exists():
        return NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


def locale_of(wanted: str | None, accepted: str | None) -> Locale:
    """Return the locale of a page: `wanted` (a tag such as de-AT), else the best of Accept-Language.

    The language has translations; the region decides how dates and times are written (RFC 9110 §12.5.4).
    """
    for tag in (wanted or "", *_by_weight(accepted or "")):
        if (locale := _known(tag)) is not None:
            return locale
    return DEFAULT


def _by_weight(header: str) -> Iterator[str]:
    weighted = []
    for part in header.split(",")[:MOST_WANTED]:
        tag, _, weight = part.partition(";")
        try:
            number = float(weight.strip().removeprefix("q=") or "1")
        except ValueError:
            continue
        if number > 0:
            weighted.append((-number, tag.strip()))
    yield from (tag for _, tag in sorted(weighted, key=lambda pair: pair[0]))


# Anyone can send any tag.
@lru_cache(maxsize=256)
def _locale(tag: str) -> Locale | None:
    try:
        return Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError, TypeError):
        return None


def _known(tag: str) -> Locale | None:
    """Return the locale of a tag if it has translations; plain English is written as in Britain.

    Dates in another script would not fit the words of the page, and some have no formats.
    """
    if tag == "en" or not 1 < len(tag) <= len("xx-Latn-XX"):
        return DEFAULT if tag == "en" else None
    locale = _locale(tag)
    if locale is None or locale.language not in LANGUAGES or locale.script not in (None, "Latn"):
        return None
    return locale
