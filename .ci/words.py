"""Renew the catalogs of the booking page: add the texts of its templates that have no translation yet.

Run it after a change of templates, translate what is empty, and run it again to sort.
"""

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

PAGE = Path(__file__).parents[1] / "src/gbook/service/page"
OPTIONS = {"**.html": {"trimmed": "true", "newstyle_gettext": "true"}}


def texts_of_templates() -> Catalog:
    """Return the texts of all templates."""
    found = Catalog()
    for _, _, text, _, context in extract_from_dir(PAGE / "templates", [("**.html", "jinja2")], OPTIONS):
        found.add(text, context=context)
    return found


def renew(path: Path) -> None:
    """Write a catalog again: with the texts of the templates, sorted, and with what was translated."""
    with path.open("rb") as source:
        catalog = read_po(source, locale=path.stem)
    catalog.update(texts_of_templates(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    with path.open("wb") as target:
        target.write(f'msgid ""\nmsgstr ""\n"Language: {path.stem}\\n"\n'.encode())
        target.write(b'"Content-Type: text/plain; charset=utf-8\\n"\n')
        target.write(f'"Plural-Forms: {catalog.plural_forms}\\n"\n\n'.encode())
        write_po(target, catalog, width=0, omit_header=True, sort_output=True)


for each in sorted(PAGE.glob("locale/*.po")):
    renew(each)
    print(each)
