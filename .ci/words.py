"""Renew the catalogs of the booking page: add the texts of its templates that have no translation yet.

Run it after a change of templates, translate what is empty, and run it again to sort.
"""

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

PAGE = Path(__file__).parents[1] / "src/gbook/service/page"
METHODS = [("**.html", "jinja2")]
OPTIONS = {"**.html": {"trimmed": "true", "newstyle_gettext": "true"}}


def catalog_forms(text: str | tuple[str, ...] | None) -> tuple[str | None, ...]:
    """Return the forms of a translation: one, or those of a plural."""
    return text if isinstance(text, tuple) else (text,)


found = Catalog()
for _, _, text, _, context in extract_from_dir(PAGE / "templates", METHODS, OPTIONS):
    found.add(text, context=context)
for path in sorted(PAGE.glob("locale/*.po")):
    with path.open("rb") as file:
        catalog = read_po(file, locale=path.stem)
    catalog.update(found, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    header = f'msgid ""\nmsgstr ""\n"Language: {path.stem}\\n"\n'
    header += '"Content-Type: text/plain; charset=utf-8\\n"\n'
    header += f'"Plural-Forms: {catalog.plural_forms}\\n"\n\n'
    with path.open("wb") as file:
        file.write(header.encode())
        write_po(file, catalog, width=0, omit_header=True, sort_output=True)
    missing = [message.id for message in catalog if message.id and not all(catalog_forms(message.string))]
    print(f"{path.name}: {len(catalog)} texts, {len(missing)} without translation")
