"""`gbook profile …` as commands: documents, messages, exit codes and files."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from support.office import snapshot
from support.running import Gbook
from support.terminal import CTRL_C, terminal

CONFIG = "accounts: [{id: alice, email: a@x.org}, {id: bob, email: b@x.org}, {id: 7, email: c@x.org}]\n"
PAYLOAD = """{
    "name": "aurinkoDemo", "durationMinutes": 30, "availabilityStep": 15, "timeAvailableFor": "30D",
    "subject": "Aurinko Demo", "description": "A conference call with Aurinko.", "location": "Teleconference",
    "workHours": {"timezone": "America/New_York", "daySchedules": [
        {"dayOfWeek": "monday", "workingIntervals": [{"start": "09:15:22Z", "end": "14:15:22Z"}]}]},
    "context": "string", "startConference": true
}"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "gbook.yaml").write_text(CONFIG)
    (tmp_path / "profiles").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def demo(gbook: Gbook, root: Path) -> Path:
    assert gbook("profile", "create", "demo", "--account", "alice").code == 0
    return root / "profiles/demo.yaml"


def test_options_make_a_profile(gbook: Gbook, root: Path) -> None:
    """Every option has its key; the document has defaults too, the file has not."""
    made = gbook.json(
        "profile", "create", "sales", "--duration", "45", "--step", "20", "--for", "P2W",
        "--subject", "Hi {{name}}",
        "--description", "D", "--location", "L", "--timezone", "europe/berlin", "--hours", "mon-tue 9-12",
        "--hours", "tue 13:00-17:00", "--buffer-before", "5", "--buffer", "10", "--notice", "0",
        "--start", "2026-11-24T09:00", "--end", "2026-12-24T09:00Z", "--conference", "--meeting-url", "https://x",
        "--context", "c", "--max-per-day", "3", "--max-per-week", "4", "--seats", "6",
        "--assignment", "balanced", "--account", "alice,7",
        "--group", "g=bob,alice:all", "--group", "h=7", "--required", "2",
    )  # fmt: skip
    assert made["workHours"] == {
        "timezone": "Europe/Berlin",
        "daySchedules": [
            {"dayOfWeek": "monday", "workingIntervals": [{"start": "09:00", "end": "12:00"}]},
            {
                "dayOfWeek": "tuesday",
                "workingIntervals": [{"start": "09:00", "end": "12:00"}, {"start": "13:00", "end": "17:00"}],
            },
        ],
    }
    assert {key: made[key] for key in made if key != "workHours"} == {
        "id": 1, "name": "sales", "durationMinutes": 45, "availabilityStep": 20, "timeAvailableFor": "P2W",
        "subject": "Hi {{name}}", "description": "D", "location": "L", "bufferBeforeMinutes": 5,
        "bufferBetweenMinutes": 10, "startAfterMinutes": 0, "startTime": "2026-11-24T08:00:00Z",
        "endTime": "2026-12-24T09:00Z", "startConference": True, "context": "c",
        "openMeetingUrl": "https://x",
        "maxBookingsPerDay": 3, "maxBookingsPerWeek": 4, "maxBookingsPerMonth": None, "seats": 6,
        "maxGuestBookingsPerDay": None, "maxGuestBookingsPerWeek": None, "maxGuestBookingsPerMonth": None,
        "assignment": "balanced", "accounts": ["alice", 7],
        "groups": [{"extId": "g", "accountIds": ["bob", "alice"], "required": "all"},
                   {"extId": "h", "accountIds": [7], "required": "one"}],
        "required": 2, "optional": [], "align": "interval", "additionalFields": [],
        "prefer": None, "rooms": None, "resources": None,
        "title": None, "clientOrgId": None, "public": False, "owner": None,
        "embed": [], "confirmEmail": False, "several": False,
            "availabilityIntervals": {"intervals": []},
    }  # fmt: skip
    assert "align" not in (root / "profiles/sales.yaml").read_text()
    assert gbook.json("profile", "show", "1") == made


@pytest.mark.parametrize("source", ["payload.json", "-"])
def test_the_apis_payload_makes_a_profile(
    gbook: Gbook, root: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    """Unchanged, from a file or a pipe; options override it."""
    (root / "payload.json").write_text(PAYLOAD)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(PAYLOAD.encode())))
    made = gbook.json("profile", "create", "--file", source, "--duration", "20")
    assert (made["id"], made["name"], made["durationMinutes"]) == (1, "aurinkoDemo", 20)
    assert made["workHours"]["daySchedules"][0]["workingIntervals"] == [
        {"start": "09:15:22Z", "end": "14:15:22Z"}
    ]


def test_both_mistakes_of_the_documented_payload_are_reported(gbook: Gbook, root: Path) -> None:
    """Exit 5, one message, nothing written."""
    wrong = PAYLOAD.replace("America/", "Americas/").replace("09:15:22Z", "14:15:22Z")
    (root / "payload.json").write_text(wrong)
    result = gbook("profile", "create", "--file", "payload.json", "--json")
    assert result.code == 5
    assert "did you mean America/New_York?" in result.err
    assert "start and end are both '14:15:22Z'" in result.err
    assert [item["key"] for item in json.loads(result.out)["error"]["problems"]] == [
        "workHours.timezone",
        "workHours.daySchedules[0].workingIntervals[0]",
    ]
    assert not list((root / "profiles").glob("*.yaml"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["x", "--duration", "0"], "--duration: expected a whole number from 1 to 10080, found 0"),
        (
            ["x", "--step", "0", "--duration", "0"],
            "--duration: expected a whole number from 1 to 10080, found 0; --step: expected a whole number",
        ),
        (["x", "--duration", "half"], "--duration: expected a length such as 30, 45m, 2h"),
        (["x", "--buffer", "-1"], "--buffer: expected a length such as 30"),
        (["x", "--notice", "1mo"], "--notice: '1mo': months and years have no fixed length"),
        (["x", "--for", "3M"], "--for: '3M' is ambiguous: use P3M for months or 3m for minutes"),
        (
            ["x", "--timezone", "Americas/New_York"],
            "--timezone: unknown time zone 'Americas/New_York'; did you mean",
        ),
        (["x", "--timezone", "Mars", "--start", "2026-01-01T09:00"], "--timezone: unknown time zone 'Mars'"),
        (["x", "--hours", "mon-fri"], "expected hours such as"),
        (["x", "--hours", "mon 9:00-9:00"], "the interval is empty"),
        (["x", "--for", "soon"], "--for: expected a length such as 7, 45m"),
        (["x", "--start", "soon"], "--start: expected a date or time such as"),
        (
            ["x", "--start", "2026-02-01T00:00Z", "--end", "2026-01-01T00:00Z"],
            "--end: expected a time after startTime",
        ),
        (["x", "--account", "alice", "--account", "alice"], "--account: account 'alice' is listed twice"),
        (["x", "--group", "g"], "expected a group as EXTID=ID,ID"),
        (["x", "--group", "g=alice:2"], "--group: expected at most 1"),
        (["x", "--group", "g="], "expected a group as"),
        (["x", "--assignment", "random"], "'random' is not one of"),
        (["x\ty"], "name: expected letters"),
        (["--duration", "5"], "a new profile needs a name"),
        (["demo"], "profile demo already exists"),
        (["x", "--durration", "5"], "has no option --durration; did you mean --duration?"),
    ],
)
def test_a_wrong_command_line_is_refused(gbook: Gbook, demo: Path, arguments: list[str], said: str) -> None:
    """Exit 2, one line naming the option, nothing written."""
    result = gbook("profile", "create", *arguments)
    assert result.code == 2
    assert said.lower() in result.err.lower()
    assert result.err.count("\n") == 1
    assert [path.name for path in demo.parent.glob("*.yaml")] == ["demo.yaml"]


def test_lengths_and_dates_as_typed(gbook: Gbook, demo: Path) -> None:
    """The file has the API's values; a date is its beginning for --start, its end for --end."""
    lengths = ("--duration", "1h30", "--step", "15m", "--buffer", "10", "--notice", "2d", "--for", "3mo")
    dates = ("--timezone", "Europe/Berlin", "--start", "1 dec", "--end", "24 dec")
    made = gbook.json("profile", "create", "typed", *lengths, *dates)
    keys = ("durationMinutes", "availabilityStep", "bufferBetweenMinutes", "startAfterMinutes")
    assert [made[key] for key in keys] == [90, 15, 10, 2880]
    assert made["timeAvailableFor"] == "P3M"
    assert (made["startTime"], made["endTime"]) == ("2026-11-30T23:00:00Z", "2026-12-24T23:00:00Z")
    assert gbook.json("profile", "update", "typed", "--for", "30")["timeAvailableFor"] == "P30D"


@pytest.mark.parametrize("options", [("--account", "alicia"), ("--group", "g=bob,alicia:all")])
def test_a_missing_account_is_not_found(gbook: Gbook, demo: Path, options: tuple[str, str]) -> None:
    """Exit 4 with the nearest name, wherever an option names it; nothing is written."""
    before = demo.read_bytes()
    for command in (("create", "x"), ("update", "demo")):
        result = gbook("profile", *command, *options)
        assert (result.code, result.err) == (4, "gbook: no account 'alicia'; did you mean alice?\n")
    assert gbook("profile", "attach-groups", "demo", "g=bob,alicia").code == 4
    assert ([path.name for path in demo.parent.glob("*.yaml")], demo.read_bytes()) == (["demo.yaml"], before)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"a: [", b"- a\n", b"name: x\nname: y\n"])
def test_an_invalid_file_is_refused(gbook: Gbook, root: Path, content: bytes) -> None:
    """Exit 5, naming the file."""
    (root / "in.yaml").write_bytes(content)
    result = gbook("profile", "create", "x", "--file", "in.yaml")
    assert (result.code, result.err.startswith("gbook: in.yaml:")) == (5, True)
    assert not (root / "profiles/x.yaml").exists()


def test_a_missing_file_is_refused(gbook: Gbook, root: Path) -> None:
    """A folder in its place too."""
    assert "no such file" in gbook("profile", "create", "x", "--file", "none.yaml").err
    assert "found a folder" in gbook("profile", "create", "x", "--file", "profiles").err


def test_profiles_are_listed(gbook: Gbook, demo: Path) -> None:
    """As records, and as a table; an invalid one is a warning."""
    demo.with_name("broken.yaml").write_text("durationMinutes: 0")
    result = gbook("profile", "list", "--json")
    document = json.loads(result.out)
    assert (document["totalSize"], document["done"], document["offset"]) == (1, True, 0)
    assert [record["name"] for record in document["records"]] == ["demo"]
    assert "broken.yaml" in result.err
    assert "mon-fri 09:00-17:00" in gbook("profile", "list").out


def test_what_a_file_says_never_commands_the_terminal(gbook: Gbook, demo: Path) -> None:
    """Markup and escape codes are plain text."""
    demo.write_text('subject: "[red]x[/red] \\e[31mred\\a"\n')
    shown = gbook("profile", "show", "demo").out
    assert "[red]x[/red]" in shown
    assert "\x1b" not in shown
    assert "\a" not in shown


class TestUpdate:
    def test_options_and_assignments_change_keys(self, gbook: Gbook, demo: Path) -> None:
        """Dotted keys reach nested values, null removes; other keys and comments stay."""
        demo.write_text(
            "# mine\nid: 1\ndurationMinutes: 30 # half\nlocation: here\nworkHours: {timezone: UTC}\n"
        )
        changed = gbook.json(
            "profile", "update", "demo", "--duration", "50", "--set", "location=null",
            "--set", "subject={{name}}: hi",
            "--set", "workHours.daySchedules=[]", "--set", "maxBookingsPerDay=2", "--no-conference",
        )  # fmt: skip
        assert changed["workHours"] == {"timezone": "UTC", "daySchedules": []}
        assert (changed["location"], changed["subject"], changed["maxBookingsPerDay"]) == (
            "",
            "{{name}}: hi",
            2,
        )
        assert demo.read_text().startswith("# mine\nid: 1\ndurationMinutes: 50 # half\nworkHours:")

    def test_a_file_is_a_merge_patch(self, gbook: Gbook, demo: Path) -> None:
        """As the API's PATCH request: a repeated name is not a change, and the id is ignored."""
        patch = {"id": 77, "name": "demo", "durationMinutes": 15, "accounts": None}
        (demo.parent / "patch.json").write_text(json.dumps(patch))
        changed = gbook.json("profile", "update", "demo", "--file", "profiles/patch.json")
        assert (changed["id"], changed["durationMinutes"], changed["accounts"]) == (1, 15, [])
        before = demo.read_bytes()
        (demo.parent / "patch.json").write_text('{"id": 77}')
        result = gbook("profile", "update", "demo", "--file", "profiles/patch.json", "--json")
        assert result.document == changed
        assert result.err == "note: profiles/patch.json: the id is ignored; that of profile demo is 1\n"
        assert demo.read_bytes() == before

    def test_a_profile_is_renamed_by_its_title(self, gbook: Gbook, demo: Path) -> None:
        """Bookings and links keep the name of the file; it is found by both, and by the number."""
        renamed = gbook.json("profile", "update", "demo", "--set", "name=Product demo")
        assert (renamed["name"], renamed["title"]) == ("demo", "Product demo")
        for name in ("demo", "Product demo", "1"):
            assert gbook.json("availability", "-p", name, "--limit", "1")["profile"] == "demo"
        assert "demo (Product demo)" in gbook("profile", "list").out
        assert "did you mean Product demo?" in gbook("profile", "show", "Product dome").err
        assert gbook.json("profile", "update", "Product demo", "--set", "name=demo")["title"] is None
        assert "title" not in demo.read_text()

    @pytest.mark.parametrize(
        ("arguments", "code", "said"),
        [
            (["demo", "--duration", "0"], 2, "--duration: expected"),
            (["demo", "--set", "durationMinutes"], 2, "expected key=value"),
            (["demo", "--set", "durationMinute=5"], 2, "did you mean durationMinutes?"),
            (["demo", "--set", "name=null"], 2, "the name cannot be removed"),
            (["demo", "--set", "name=two\tlines"], 2, "title: expected one line"),
            (["demo", "--set", "name=a", "--set", "title=b"], 2, "give one of the two"),
            (["demo", "--set", "id=77"], 2, "the id, 1, cannot change"),
            (["demo", "--set", "id=null"], 2, "the id, 1, cannot change"),
            (["demo", "--file", "id.json", "--set", "id=77"], 2, "the id, 1, cannot change"),
            (["demo"], 2, "nothing to change"),
            (["demu", "--duration", "5"], 4, "did you mean demo?"),
            (["demo", "--file", "bad.yaml"], 5, "bad.yaml: durationMinutes: expected"),
        ],
    )
    def test_an_invalid_change_is_refused(
        self, gbook: Gbook, demo: Path, arguments: list[str], code: int, said: str
    ) -> None:
        """The file stays as it was."""
        before = demo.read_bytes()
        (demo.parent.parent / "bad.yaml").write_text("durationMinutes: 0")
        (demo.parent.parent / "id.json").write_text('{"id": 77, "durationMinutes": 45}')
        result = gbook("profile", "update", *arguments)
        assert (result.code, said in result.err) == (code, True), result.err
        assert demo.read_bytes() == before

    def test_a_broken_profile_can_be_mended(self, gbook: Gbook, demo: Path) -> None:
        """If the change does not repair it, the error names the file, not the option."""
        demo.write_text("durationMinutes: 0\nid: 1\n")
        assert gbook("profile", "update", "demo", "--step", "10").code == 5
        assert gbook("profile", "update", "demo", "--duration", "10").code == 0


class TestAttaching:
    def test_attach_accounts_gives_the_status_document(self, gbook: Gbook, demo: Path) -> None:
        """As the API does."""
        assert gbook.json("profile", "attach-accounts", "demo", "bob", "7") == {"status": "Ok"}
        assert gbook.json("profile", "show", "demo")["accounts"] == ["alice", "bob", 7]
        assert gbook.json("profile", "detach-accounts", "demo", "7", "alice") == {"status": "Ok"}
        assert gbook.json("profile", "show", "demo")["accounts"] == ["bob"]
        assert gbook("profile", "attach-accounts", "demo", "bobby").code == 4
        assert gbook("profile", "detach-accounts", "demo", "alice").code == 4

    def test_attach_groups_from_arguments_or_a_payload(
        self, gbook: Gbook, demo: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A group with the same extId is replaced."""
        payload = {"groups": [{"extId": "g", "accountIds": [7], "required": "one"}]}
        gbook.json("profile", "attach-groups", "demo", "g=alice,bob:2", "h=alice:all")
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(payload).encode())))
        assert gbook.json("profile", "attach-groups", "demo", "--file", "-") == {"status": "Ok"}
        groups: Any = gbook.json("profile", "show", "demo")["groups"]
        assert [(group["extId"], group["accountIds"], group["required"]) for group in groups] == [
            ("g", [7], "one"),
            ("h", ["alice"], "all"),
        ]
        gbook.json("profile", "detach-groups", "demo", "g", "h")
        assert gbook.json("profile", "show", "demo")["groups"] == []
        assert gbook("profile", "detach-groups", "demo", "g").code == 4

    @pytest.mark.parametrize(
        "spec", ["g=alice,alice", "g=alice:2", f"g=alice:{'9' * 5000}", "g=alice:any", "g", "=alice"]
    )
    def test_an_invalid_group_is_refused(self, gbook: Gbook, demo: Path, spec: str) -> None:
        """Exit 2, without options that the command does not have; the profile stays as it was."""
        before = demo.read_bytes()
        result = gbook("profile", "attach-groups", "demo", spec)
        assert (result.code, "--group" in result.err) == (2, False)
        assert demo.read_bytes() == before


def test_a_deleted_profile_is_gone(gbook: Gbook, demo: Path) -> None:
    """A second time it is not found."""
    assert gbook.json("profile", "delete", "demo") == {"status": "Ok"}
    assert not demo.exists()
    assert gbook("profile", "delete", "demo").code == 4


def test_validate_tells_all_problems_of_all_profiles(gbook: Gbook, demo: Path) -> None:
    """With their files; only those of a named profile."""
    assert gbook.json("profile", "validate") == {"problems": []}
    (demo.parent / "a.yaml").write_text("id: 1\ndurationMinutes: 0\nsubjekt: x\n")
    (demo.parent / "b.yaml").write_text("id: 1\n")
    result = gbook("profile", "validate")
    assert result.code == 5
    for said in (
        "a.yaml: line 2, durationMinutes",
        "did you mean subject?",
        "demo.yaml: id: id 1 is already used by profile b",
    ):
        assert said in result.err
    assert gbook("profile", "validate", "b").code == 0


def test_the_schema_is_one_editors_know(gbook: Gbook, root: Path) -> None:
    """Draft 2020-12; account ids may be integers."""
    schema = gbook.json("profile", "schema")
    assert json.loads(gbook("profile", "schema").out) == schema
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    profile = schema["$defs"]["Profile"]["properties"]
    assert profile["durationMinutes"]["minimum"] == 1
    assert profile["accounts"]["items"]["type"] == ["string", "integer"]


class TestAsking:
    def test_answers_make_a_profile(self, root: Path) -> None:
        """Each is checked at once and asked again; a line feed takes the default."""
        answers = [
            ("Name", "bad name"),
            ("Name", "sales"),
            ("Subject of the meeting", ""),
            ("Minutes:", "0"),
            ("Minutes:", "45"),
            ("Minutes between slot starts", ""),
            ("How far ahead", ""),
            ("Time zone", "Americas/New_York"),
            ("Time zone", "America/New_York"),
            ("Work hours", "mon"),
            ("Work hours", ""),
            ("Accounts", "alicia"),
            ("Accounts", "alice"),
        ]
        with terminal("profile", "create", folder=root) as person:
            for question, answer in answers:
                person.answer(question, answer)
            code, shown = person.end()
        assert code == 0, shown
        for said in (
            "expected letters",
            "from 1 to 10080, found 0",
            "did you mean America/New_York",
            "did you mean alice",
        ):
            assert said in " ".join(shown.split())
        written = (root / "profiles/sales.yaml").read_text()
        assert "durationMinutes: 45" in written
        assert "timezone: America/New_York" in written

    def test_ctrl_c_writes_nothing(self, root: Path) -> None:
        """Exit 130."""
        with terminal("profile", "create", folder=root) as person:
            person.answer("Name", "sales")
            person.wait("Subject")
            person.press(CTRL_C)
            code, shown = person.end()
        assert code == 130, shown
        assert not list((root / "profiles").glob("*.yaml"))

    def test_without_a_terminal_nothing_is_asked(self, gbook: Gbook, root: Path) -> None:
        """The error names the missing argument."""
        assert gbook("profile", "create").code == 2


def test_more_members_than_there_are_cannot_be_required(gbook: Gbook, demo: Path, tmp_path: Path) -> None:
    """On the command line exit 2, in a file exit 5 with the key; without members it is accepted."""
    before = snapshot(demo.parent)
    members = ("--account", "alice")
    for command in (
        ("profile", "create", "never", *members, "--required", "5"),
        ("profile", "update", "demo", "--required", "5", "--set", "accounts=[alice]"),
    ):
        result = gbook(*command)
        assert (result.code, snapshot(demo.parent)) == (2, before)
        assert "--required: expected at most 1, the number of members, found 5" in result.err
    (tmp_path / "never.yaml").write_text("name: never\naccounts: [alice]\nrequired: 5\n")
    result = gbook("profile", "create", "--file", str(tmp_path / "never.yaml"))
    assert (result.code, "required: expected at most 1" in result.err) == (5, True), result.err
    assert gbook("profile", "create", "later", "--required", "5").code == 0


def test_a_public_profile_is_shown_with_its_link(gbook: Gbook, root: Path, demo: Path) -> None:
    """Where the service has an address; the document is an input all the same."""
    gbook("profile", "update", "demo", "--set", "public=true")
    assert "schedulerLink" not in gbook.json("profile", "show", "demo")
    (root / "gbook.yaml").write_text(f"{CONFIG}serve: {{baseUrl: https://book.example.com}}\n")
    document = gbook.json("profile", "show", "demo")
    assert document["schedulerLink"] == "https://book.example.com/b/demo"
    assert "https://book.example.com/b/demo" in gbook("profile", "show", "demo").out
    (root / "copy.json").write_text(json.dumps(document | {"name": "größe", "id": None}))
    assert gbook("profile", "create", "--file", "copy.json").code == 0
    assert "schedulerLink" not in (root / "profiles/größe.yaml").read_text()
    shown = gbook.json("profile", "show", "größe")
    assert shown["schedulerLink"] == "https://book.example.com/b/gr%C3%B6%C3%9Fe"
    assert gbook("profile", "update", "demo", "--file", "copy.json", "--set", "name=demo").code == 0
