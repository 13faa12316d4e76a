"""Reading YAML: the types of scalars, refused files, and the report of problems."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import Meta

from gbook.cache import Cache, Fingerprint
from gbook.errors import InvalidFile, NotFound, Problem
from gbook.yamlfiles.parser import parse_yaml
from gbook.yamlfiles.reader import convert, load, read_text


class Part(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    first_size: Annotated[int, Meta(ge=1, le=9)]
    kind: Literal["small", "large"] = "small"

    def check(self) -> Iterator[Problem]:
        if self.kind == "large" and self.first_size < 5:
            yield Problem("a large part is 5 or more", key="firstSize")


class Whole(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    name: str
    parts: list[Part] = []
    best_part: Part | None = None


def problems(text: str) -> list[str]:
    with pytest.raises(InvalidFile) as caught:
        convert(parse_yaml(text, "x.yaml"), Whole, "x.yaml", text)
    return [str(problem) for problem in caught.value.problems]


def refused(text: str) -> str:
    with pytest.raises(InvalidFile) as caught:
        parse_yaml(text, "x.yaml")
    return str(caught.value)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("17:00", "17:00"),
        ("09:00:30", "09:00:30"),
        ("no", "no"),
        ("Yes", "Yes"),
        ("off", "off"),
        ("y", "y"),
        ("2026-11-24", "2026-11-24"),
        ("2026-11-24T09:00:00Z", "2026-11-24T09:00:00Z"),
        ("1_000", "1_000"),
        ("010", 10),
        ("-7", -7),
        ("0x1F", 31),
        ("0o17", 15),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("'true'", "true"),
        ('"12"', "12"),
        ("!!str 12", "12"),
    ],
)
def test_a_scalar_means_what_yaml_1_2_says(written: str, meant: Any) -> None:
    """Times, dates and words such as `no` are text; a leading zero is no octal."""
    assert parse_yaml(f"key: {written}", "x") == {"key": meant}


def test_json_is_read_as_it_is() -> None:
    """A payload of the API needs no conversion, escapes and emoji included."""
    text = '{"a": [1, true, null], "u": "http:\\/\\/x", "e": "\\ud83d\\ude00 \\u00e9 \\\\ud83d"}'
    assert parse_yaml(text, "x") == {"a": [1, True, None], "u": "http://x", "e": "😀 é \\ud83d"}


def test_an_alias_stands_for_its_anchor() -> None:
    """Anchors, aliases and merge keys work; a key of the mapping overrides a merged one."""
    assert parse_yaml("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: *a", "x") == {
        "a": {"x": 1, "y": 2},
        "b": {"x": 1, "y": 3},
        "c": {"x": 1, "y": 2},
    }


def test_a_key_twice_is_refused_with_both_lines() -> None:
    """The second one of two equal keys would silently replace the first."""
    assert refused("a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n") == (
        "x.yaml: line 5: duplicate key 'c' (first on line 3)"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a:\n\tb: 1\n", "line 2: not valid YAML: indent with spaces, not with tabs"),
        ("subject: {{name}} asks\n", "needs quotes"),
        ("subject: {{name}}\n", "needs quotes"),
        ("a: @b\n", "line 1: not valid YAML: text that begins with this character needs quotes"),
        ("a: *b\n", "text that begins with * needs quotes"),
        ("a: [1, 2\nb: 3\n", "not valid YAML"),
        ("a: 1\n---\nb: 2\n", "found a second one"),
        ("a: !!python/object:os.system x\n", "unsupported tag"),
        ("a: \x07\n", "not YAML text"),
        ("&a [*a]\n", "nested more than 60 levels deep"),
        ("[" * 500_000, "nested more than 60 levels deep"),
        ("a: " + "[" * 1_100 + "]" * 1_100, "nested more than 60 levels deep"),
        ("a: [" + "[ 'x]', \"]\", # ]\n" * 1_100, "nested more than 60 levels deep"),
        ("{a: " * 100_000, "nested more than 60 levels deep"),
        ("{a: " * 61, "nested more than 60 levels deep"),
        ("a: [[1, 2], '" + "[" * 100 + "', \"" + "[" * 100 + '", } # ', "not valid YAML"),
        ("- " * 300_000, "nested more than 60 levels deep"),
        ("".join(f"{' ' * i}a:\n" for i in range(900)), "nested more than 60 levels deep"),
        ("a: " + "9" * 900_000, "9…'"),
    ],
)
def test_what_is_no_plain_yaml_is_refused(text: str, said: str) -> None:
    """The message says where, and what to do."""
    assert said in refused(text)


def test_a_document_that_multiplies_itself_is_refused() -> None:
    """Nine levels of nine aliases each are a billion items: counted, not built."""
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 10)]
    assert "values, counting each use of an alias" in refused("\n".join(levels))


def test_every_problem_is_told_at_once() -> None:
    """Key, line, expected type, actual value, and the nearest name."""
    assert problems(
        "parts:\n  - {firstSize: 0, knd: small}\n  - firstSize: two\n    kind: larg\nbestPart: 3\n"
    ) == [
        "line 2, parts[0].firstSize: expected a whole number from 1 to 9, found 0",
        "line 2, parts[0].knd: unknown key; did you mean kind?",
        "line 3, parts[1].firstSize: expected a whole number from 1 to 9, found 'two'",
        "line 4, parts[1].kind: expected small or large, found 'larg'; did you mean large?",
        "line 5, bestPart: expected keys and values, found 3",
        "'name' is missing",
    ]


def test_rules_between_fields_are_checked() -> None:
    """A Struct's own check runs once its fields are right."""
    assert problems("name: x\nparts:\n- kind: large\n  firstSize: 2\n") == [
        "line 4, parts[0].firstSize: a large part is 5 or more"
    ]


@pytest.mark.parametrize("text", ["", "# only a comment\n", "null\n"])
def test_an_empty_document_is_a_problem(text: str) -> None:
    """An empty file is probably a damaged one."""
    assert problems(text) == ["expected keys and values, found an empty document"]


@pytest.mark.parametrize("text", ["- a\n", "words\n"])
def test_a_document_of_another_shape_is_a_problem(text: str) -> None:
    """A list or text is not a mapping."""
    assert problems(text)[0].startswith("expected keys and values, found")


def test_a_file_that_cannot_be_text_is_refused(tmp_path: Path) -> None:
    """Missing, a folder, other bytes, too large: one line each."""
    (tmp_path / "binary.yaml").write_bytes(b"a: 1\nb: \xff\xfe\n")
    (tmp_path / "large.yaml").write_bytes(b"#" * 2_000_000)
    with pytest.raises(NotFound, match="no such file"):
        read_text(tmp_path / "missing.yaml")
    with pytest.raises(InvalidFile, match="found a folder"):
        read_text(tmp_path)
    with pytest.raises(InvalidFile, match="line 2: not UTF-8 text"):
        read_text(tmp_path / "binary.yaml")
    with pytest.raises(InvalidFile, match="is larger than 1 MiB"):
        read_text(tmp_path / "large.yaml")


def test_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    """Editors of one system write it in front."""
    path = tmp_path / "a.yaml"
    path.write_bytes(b"\xef\xbb\xbfname: x\r\n")
    assert load(path, Whole) == Whole(name="x")


class Remembering(Cache):
    """A cache in memory."""

    def __init__(self) -> None:
        super().__init__(None)
        self.known: dict[tuple[str, str], bytes] = {}

    def get(self, path: str, context: str, state: Fingerprint | None = None) -> bytes | None:
        return self.known.get((path, context))

    def put(self, path: str, context: str, data: bytes, state: Fingerprint | None = None) -> None:
        self.known[path, context] = data


def test_a_remembered_file_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The model comes from the cache, without parsing."""
    path = tmp_path / "a.yaml"
    path.write_text("name: x\nparts: [{firstSize: 3}]\n")
    memory = Remembering()
    first = load(path, Whole, memory)
    path.unlink()
    monkeypatch.setitem(sys.modules, "yaml", None)
    assert load(path, Whole, memory) == first


def test_an_invalid_file_is_not_remembered(tmp_path: Path) -> None:
    """Its problems are reported each time."""
    path = tmp_path / "a.yaml"
    path.write_text("nam: x\n")
    memory = Remembering()
    for _ in range(2):
        with pytest.raises(InvalidFile, match="did you mean name"):
            load(path, Whole, memory)
    assert not memory.known


def test_the_index_notices_a_changed_file(tmp_path: Path) -> None:
    """The cache entry of other bytes is not used."""
    path = tmp_path / "a.yaml"
    index = Cache(tmp_path / "index.sqlite")
    for name in ("one", "another"):
        path.write_text(f"name: {name}\n")
        assert load(path, Whole, index).name == name
        assert load(path, Whole, index).name == name
