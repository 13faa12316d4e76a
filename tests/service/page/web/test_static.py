"""The stylesheet and the script, as browsers get them."""

import gzip
import re
from pathlib import Path

import pytest
from support.api import make_api_office
from support.page import Browser

from gbook.service.page.web.static import FOLDER, address_of


@pytest.mark.parametrize(("name", "most"), [("page.css", 9000), ("page.js", 5000)])
def test_what_a_page_loads_is_small(tmp_path: Path, name: str, most: int) -> None:
    """Also uncompressed; what is compressed is the same."""
    browser = Browser(make_api_office(tmp_path / "office"))
    plain = browser.get(address_of(name))
    packed = browser.get(address_of(name), Accept_Encoding="gzip")
    assert 1000 < len(plain.content) <= most
    assert gzip.decompress(packed.content) == plain.content


def test_only_blanks_and_comments_of_the_stylesheet_are_left_out(tmp_path: Path) -> None:
    """Each rule has the same selectors and declarations, in the same order."""
    sent = Browser(make_api_office(tmp_path / "office")).get(address_of("page.css")).text
    written = re.sub(r"/\*.*?\*/", "", (FOLDER / "page.css").read_text("utf-8"), flags=re.DOTALL)
    assert "/*" not in sent and "\n" not in sent

    def tokens(text: str) -> list[str]:
        return [
            token.strip()
            for token in re.split(r"([{}])|;\s*(?=})|[;,]", re.sub(r"\s+", " ", text))
            if token and token.strip()
        ]

    assert tokens(sent) == tokens(written)
    assert "content:" in sent and '"Segoe UI"' in sent
