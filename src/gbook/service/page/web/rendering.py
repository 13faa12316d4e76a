"""From a template and values to HTML: autoescaped, and an error for a value that is not there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from babel import Locale
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from gbook.service.page.language.formats import Formats
from gbook.service.page.language.languages import LANGUAGES, translations
from gbook.service.page.web.static import address_of
from gbook.timeutil.instants import local

__all__ = ["render"]


def _environment(language: str) -> Environment:
    """Return the templates of a language, all of them compiled: later no request waits for one."""
    environment = Environment(
        loader=PackageLoader("gbook.service.page"),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.policies["ext.i18n.trimmed"] = True
    # The extension adds these methods when it is loaded.
    environment.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    environment.globals["static"] = address_of
    environment.filters["apart"] = _apart
    for name in environment.list_templates(extensions=["html"]):
        environment.get_template(name)
    return environment


def _apart(text: str) -> Markup:
    """Return a name within a sentence: one in Hebrew or Arabic does not turn the words around it."""
    return Markup("<bdi>{}</bdi>").format(text)


_ENVIRONMENTS = {language: _environment(language) for language in LANGUAGES}


def render(template: str, locale: Locale, now: int, values: Mapping[str, Any]) -> str:
    """Return a page in the language of a locale; `now` is an instant.

    Besides `values` a template has `f`, the formats.
    """
    found = _ENVIRONMENTS[locale.language].get_template(template)
    return found.render(f=Formats(locale, local(now, UTC).date()), languages=LANGUAGES, **values)
