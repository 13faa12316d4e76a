"""Output for programs: lines of JSON or text, pages of lists, and exit codes of scripts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.running import Gbook
from support.team import TUESDAY, book, make_team

from gbook.cli.options.output import OutputOptions
from gbook.engine.quorum import Slot
from gbook.errors import UsageError
from gbook.render.lines import format_lines, slot_keys
from gbook.timeutil.instants import parse_instant
from gbook.timeutil.zones import find_zone

NEW_YORK = find_zone("America/New_York")
START = parse_instant("2026-11-24T14:00:00Z", NEW_YORK)
SLOT = Slot(START, START + 1800, ("alice", "bob"), {"sales": ("carol",)})
GROUP = "accounts: [alice, bob]\ngroups: [{extId: sales, accountIds: [bob, carol], required: one}]\n"


@pytest.fixture(autouse=True)
def team(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(make_team(tmp_path / "team", GROUP))
    return tmp_path / "team"


def line(template: str) -> str:
    return next(format_lines(template, slot_keys(NEW_YORK), [SLOT]))


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{start} {accounts}", "2026-11-24T09:00-05:00 alice,bob"),
        ("{start:%a %H:%M}–{end:%H:%M}", "Tue 09:00–09:30"),
        (r"{groups}\t{accounts}\n", "sales\talice,bob\n"),
        ("{optional}|{accounts:>12}|{groups:<8}|", "|   alice,bob|sales   |"),
        ("{{{groups}}}", "{sales}"),
        ("slot", "slot"),
        ("", ""),
        (r"C:\dir\\tmp", r"C:\dir\tmp"),
    ],
)
def test_a_format_is_text_with_keys_in_braces(template: str, text: str) -> None:
    """Times are in the zone shown; lists are joined by commas."""
    assert line(template) == text


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{strat}", "no key 'strat'; did you mean start?"),
        ("{x}", "no key 'x'; the keys are start, end, accounts, groups, optional"),
        ("{}", "no key ''; the keys are start"),
        ("{0}", "no key '0'"),
        ("{start.year}", "no key 'start.year'; did you mean start?"),
        ("{accounts[0]}", "no key 'accounts[0]'; did you mean accounts?"),
        ("{start", "unbalanced brace in '{start'"),
        ("start}", "unbalanced brace in 'start}'"),
        ("{start!r}", "expected {start} or a form such as {start:%H:%M}"),
        ("{accounts:>9999999999}", "expected {accounts} or a form such as {accounts:<20}"),
        ("{accounts:{start}}", "expected {accounts} or a form such as {accounts:<20}"),
    ],
)
def test_a_wrong_format_is_refused(template: str, reason: str) -> None:
    """Before anything is printed, also if there is no item."""
    with pytest.raises(UsageError) as refused:
        format_lines(template, slot_keys(NEW_YORK), [])
    assert refused.value.message.startswith(f"--format: {reason}")


@given(st.text(max_size=30))
def test_any_format_is_text_or_a_usage_error(template: str) -> None:
    """A format is never evaluated."""
    try:
        lines = format_lines(template, slot_keys(NEW_YORK), [SLOT])
    except UsageError:
        return
    assert len(list(lines)) == 1


def test_two_forms_at_once_are_refused(gbook: Gbook) -> None:
    """Exit 2."""
    with pytest.raises(UsageError, match="--json and --format cannot be given together"):
        OutputOptions(as_json=True, template="{id}").check()
    assert gbook("availability", "--ndjson", "--format", "{start}").code == 2


def test_lines_of_json_are_the_items_of_the_document(gbook: Gbook) -> None:
    """Of slots and of lists; nothing else is on stdout."""
    book(gbook, "14:00")
    for command, name in (
        (("availability", "--limit", "5"), "items"),
        (("booking", "list"), "records"),
        (("reservation", "list"), "records"),
        (("account", "list"), "records"),
        (("profile", "list"), "records"),
    ):
        lines = gbook(*command, "--ndjson").out.splitlines()
        assert [json.loads(text) for text in lines] == gbook.json(*command)[name]


def test_a_line_of_a_pipe_can_be_booked(gbook: Gbook) -> None:
    """`--slot` takes a time of --format, and `--slot -` an item of --ndjson."""
    time = gbook("availability", "-L", "1", "--format", "{start}").out.strip()
    assert time == "2026-11-24T09:00Z"
    fields = ("--name", "Gwen", "--field", "topic=Looms")
    assert gbook.json("book", "--slot", time, "--account", "alice", *fields)["start"] == f"{TUESDAY}09:00:00Z"
    item = gbook("availability", "-L", "1", "--from", "2026-11-24T11:00Z", "--ndjson").out
    booked = gbook("book", "--slot", "-", *fields, "--json", stdin=item.encode())
    assert booked.document["start"] == f"{TUESDAY}11:00:00Z"


def test_formats_of_lists(gbook: Gbook) -> None:
    """A line for each record; a line break in a value is a space."""
    uid = book(gbook, "14:00", "--account", "alice")
    form = "{id}|{profile}|{start:%d %b %H:%M}|{subject}|{accounts}|"
    form += "{name}|{email}|{status}|{expires}|{calendars}"
    assert gbook("booking", "list", "--format", form, "--tz", "America/New_York").out == (
        f"{uid}|demo|24 Nov 09:00|Demo for Gwen|alice|Gwen|gwen@example.org|confirmed||alice.ics\n"
    )
    assert gbook("account", "list", "--format", "{id} {calendars}").out.splitlines()[0] == "alice alice.ics"
    assert gbook("profile", "list", "--format", "{name} {duration} {accounts} {groups} {required}").out == (
        "demo 30 alice,bob sales one\n"
    )
    refused = gbook("account", "list", "--format", "{mail}")
    assert (refused.code, refused.out) == (2, "")
    assert "no key 'mail'; did you mean email?" in refused.err


def test_lists_have_pages(gbook: Gbook) -> None:
    """Of records: the same list, piece by piece, with `done` on the last piece."""
    ids = [book(gbook, at) for at in ("09:00", "11:00", "13:00")]
    pages = [gbook.json("booking", "list", "-L", "2", "--offset", str(offset)) for offset in (0, 2, 3)]
    assert [[record["id"] for record in page["records"]] for page in pages] == [ids[:2], ids[2:], []]
    assert [page["done"] for page in pages] == [False, True, True]
    assert [page["offset"] for page in pages] == [0, 2, 3]
    assert {page["totalSize"] for page in pages} == {3}
    assert gbook("booking", "list", "-L", "2").out.endswith("Showing 2 of 3. More: --offset 2\n")
    assert gbook("booking", "list", "--offset", "2").out.endswith("Showing 1 of 3.\n")
    assert gbook("booking", "list", "--offset", "9").out == "Showing 0 of 3.\n"
    assert "Showing" not in gbook("booking", "list").out
    assert [record["id"] for record in gbook.json("account", "list", "-L", "1")["records"]] == ["alice"]
    assert gbook.json("profile", "list", "--offset", "1")["records"] == []


@pytest.mark.parametrize(("length", "expires"), [("90", "09:30"), ("1h30", "09:30"), ("PT2H", "10:00")])
def test_reservations_take_lengths_as_typed(gbook: Gbook, length: str, expires: str) -> None:
    """`--reserve` of book and `--for` of propose: a bare number is minutes."""
    slot = ("--account", "alice", "--slot", "first", "--name", "Gwen", "--field", "topic=Looms")
    held = gbook.json("book", *slot, "--reserve", length)
    assert held["expires"] == f"2026-11-23T{expires}:00Z"
    (proposed,) = gbook.json("propose", *slot, "--for", length)["reservations"]
    assert proposed["expires"] == held["expires"]


def test_quiet_and_fail_empty(gbook: Gbook) -> None:
    """A script asks whether there is a slot, and reads nothing."""
    assert gbook("availability", "-q", "--fail-empty") == (0, "", "")
    late = ("availability", "--from", "2030-01-01")
    assert gbook(*late, "-q", "--fail-empty").code == 3
    assert gbook(*late, "-q").code == 0
    empty = gbook(*late, "--fail-empty", "--json")
    assert (empty.code, empty.document["items"]) == (3, [])
    assert gbook(*late, "--fail-empty").out.startswith("No slots")


def test_quiet_is_quiet_about_warnings(gbook: Gbook, team: Path) -> None:
    """Unless they are errors."""
    (team / "alice.ics").write_bytes(b"garbage")
    assert "warning" in gbook("availability").err
    assert gbook("availability", "-q") == (0, "", "")
    strict = gbook("availability", "-q", "--strict")
    assert (strict.code, strict.out) == (5, "")
    assert "alice.ics" in strict.err


def test_limit_is_a_number_of_slots_and_old_names_have_a_note(gbook: Gbook) -> None:
    """For one version; --limit beside --offset is what it was."""
    whole = gbook.json("availability")
    assert gbook.json("availability", "-L", "2")["items"] == whole["items"][:2]
    old = gbook("availability", "--first", "2", "--json")
    assert old.document["items"] == whole["items"][:2]
    assert old.err == "note: --first is now --limit, or -L; this version still reads it\n"
    page = gbook("availability", "--offset", "1", "--limit", "1", "--json")
    assert page.document["items"][0]["accountIds"] == ["bob"]
    assert page.err.startswith("note: --offset, and --limit beside it, are now")
    new = gbook("availability", "--members-offset", "1", "--members-limit", "1", "--json")
    assert (new.document, new.err) == (page.document, "")
    assert gbook("availability", "--first", "1", "--limit", "1").code == 2
    assert gbook("availability", "--offset", "1", "--members-limit", "1").code == 2


def test_hidden_options_are_not_suggested(gbook: Gbook) -> None:
    """`--first` and `--offset` are old names."""
    for typed, hidden in (("--firs", "--first"), ("--offse", "--offset")):
        result = gbook("availability", typed, "1")
        assert result.code == 2
        assert f"did you mean {hidden}?" not in result.err


def test_a_line_of_a_format_has_no_blanks_at_its_end() -> None:
    """A slot with groups only has no accounts of its own."""
    keys = {"name": lambda item: item}
    assert list(format_lines("{name:<9} {name}", keys, ["", "x"])) == ["", "x         x"]
