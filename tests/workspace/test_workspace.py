"""gbook.yaml: where it is found, what it may say, and what is told when it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from gbook.errors import InvalidFile, NotFound, UsageError
from gbook.workspace.calendar_ref import CalendarRef
from gbook.workspace.workspace import Workspace, find_workspace, open_workspace

WRITTEN = """\
timezone: europe/berlin
accounts:
  # the boss
  - id: alice
    name: Alice Liddell
    email: alice@example.com
    timezone: America/New_York
    calendars:
      - calendars/alice.ics
      - {path: ~/holidays.ics, blocking: always, readonly: true}
  - {id: 7, email: seven@example.com}
"""


def write(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "gbook.yaml").write_text(text)
    return folder


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return open_workspace(write(tmp_path, WRITTEN))


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GBOOK_WORKSPACE", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(InvalidFile) as caught:
        open_workspace(write(folder, text))
    return [str(problem) for problem in caught.value.problems]


class TestFinding:
    """The option, the environment, upward, the user's config folder: in that order."""

    def test_the_nearest_folder_upward_is_found(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As version control systems do."""
        root = write(tmp_path / "team", WRITTEN)
        (root / "a/b").mkdir(parents=True)
        monkeypatch.chdir(root / "a/b")
        assert find_workspace() == root

    def test_each_place_goes_before_the_next(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """What is nearer to the command line wins."""
        option, variable, here, user = (
            write(tmp_path / name, WRITTEN) for name in ("option", "variable", "here", "config/gbook")
        )
        monkeypatch.chdir(tmp_path)
        assert find_workspace() == user
        monkeypatch.chdir(here)
        assert find_workspace() == here
        monkeypatch.setenv("GBOOK_WORKSPACE", str(variable))
        assert find_workspace() == variable
        assert find_workspace(str(option)) == option
        assert find_workspace(str(option / "gbook.yaml")) == option

    def test_none_is_an_error_with_a_way_on(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A newcomer learns of the demo."""
        monkeypatch.chdir(tmp_path)
        with pytest.raises(NotFound, match="gbook init --demo"):
            find_workspace()
        with pytest.raises(NotFound, match=r"no gbook.yaml in .*missing"):
            find_workspace(str(tmp_path / "missing"))


def test_an_empty_option_names_no_other_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--workspace "$UNSET"` in a folder with a workspace is a mistake; an empty variable is none."""
    monkeypatch.chdir(write(tmp_path / "here", WRITTEN))
    monkeypatch.setenv("GBOOK_WORKSPACE", "")
    with pytest.raises(UsageError, match="--workspace"):
        find_workspace("")
    assert find_workspace() == tmp_path / "here"


def test_a_current_folder_that_was_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A workspace that is named is found; without one the message says what to do."""
    named = write(tmp_path / "named", WRITTEN)
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert find_workspace(str(named)) == named
    with pytest.raises(NotFound, match="the current folder no longer exists"):
        find_workspace()


def test_what_is_left_out_has_its_default(workspace: Workspace) -> None:
    """A short file is enough."""
    config = workspace.config
    assert (config.primary_color, config.deliver, config.mail) == ("#303030", "copies", None)
    assert config.conference_url == "https://meet.jit.si/{{id}}"
    assert config.timezone == "Europe/Berlin"
    assert workspace.zone.key == "Europe/Berlin"


def test_a_calendar_is_a_path_or_more(workspace: Workspace) -> None:
    """The short form has the defaults of the long one."""
    calendars = workspace.account("alice").calendars
    assert calendars[0] == CalendarRef(path="calendars/alice.ics") == workspace.account("alice").primary
    assert (calendars[1].blocking, calendars[1].readonly, calendars[1].all_day) == ("always", True, "busy")


def test_paths_are_relative_to_gbook_yaml(workspace: Workspace, tmp_path: Path) -> None:
    """Wherever the command runs; a tilde is the home folder."""
    first, second = workspace.account("alice").calendars
    assert workspace.calendar_path(first) == tmp_path / "calendars/alice.ics"
    assert workspace.calendar_path(second) == tmp_path / "home/holidays.ics"
    assert workspace.calendar_path("/srv/x.ics") == Path("/srv/x.ics")


def test_an_account_is_found_by_its_id(workspace: Workspace) -> None:
    """An integer id is the same as its text; a near miss is suggested."""
    assert workspace.account(7) is workspace.account("7")
    assert workspace.account("7").display_name == "7"
    with pytest.raises(NotFound, match="did you mean alice"):
        workspace.account("alicia")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "accounts: [{id: a, email: a@x}, {id: b, email: b@x}, {id: a, email: c@x}]",
            "account 'a' is listed twice",
        ),
        ("accounts: [{id: 7, email: a@x}, {id: '7', email: b@x}]", "account '7' is listed twice"),
        (
            "accounts: [{id: a, email: no at sign}]",
            "accounts[0].email: expected an e-mail address such as jane@example.com",
        ),
        *(
            (f"accounts: [{{id: a, email: {email}}}]", "expected an e-mail address")
            for email in ("a.example.com", "a..b@x", ".a@x", "a.@x", "a@x..y", "a@x.", "a@.x", "a@b@x")
        ),
        ('accounts: [{id: a, email: "a@x\\nBCC: b@x"}]', "expected an e-mail address"),
        ('accounts: [{id: a, email: "a@\\u202ex"}]', "expected an e-mail address"),
        ('accounts: [{id: a, email: a@x, name: "A\\nB"}]', "accounts[0].name: expected one line"),
        ("accounts: [{id: a, email: a@x, timezone: Europe/Berlim}]", "did you mean Europe/Berlin?"),
        ("accounts: [{id: a b, email: a@x}]", "accounts[0].id: expected letters"),
        ("accounts: [{id: .a, email: a@x}]", "accounts[0].id: expected letters"),
        ("accounts: [{id: true, email: a@x}]", "accounts[0].id: expected letters"),
        ("accounts: [{email: a@x}]", "accounts[0]: 'id' is missing"),
        ("accounts: [{id: a, email: a@x, calendar: b}]", "unknown key; did you mean calendars?"),
        ("accounts: [{id: a, email: a@x, calendars: b}]", "expected a list"),
        ("accounts: [{id: a, email: a@x, calendars: [b, {path: b}]}]", "calendar 'b' is listed twice"),
        (
            "accounts: [{id: a, email: a@x, calendars: [{path: b, blocking: allways}]}]",
            "did you mean always?",
        ),
        ("accounts: [{id: a, email: a@x, calendars: [7]}]", "accounts[0].calendars[0]: expected"),
        ("primaryColor: red", "primaryColor: expected a colour"),
        ("primaryColour: '#fff'", "did you mean primaryColor?"),
        ("deliver: copy", "did you mean copies?"),
        ("mail: {host: x, port: 0}", "mail.port: expected a whole number from 1 to 65535"),
        ("mail: {host: x, security: ssl}", "mail.security: expected starttls, tls or none"),
        ("mail: {host: x, passwordCommand: pass mail}", "mail.passwordCommand: expected a list"),
        ("hooks: {preBook: notify me}", "hooks.preBook: expected a list"),
        ("timezone: 5", "timezone: expected a time zone"),
    ],
)
def test_an_invalid_option_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """One problem, one line, with what was expected."""
    (problem,) = problems(tmp_path, text)
    assert said in problem


def test_gbook_yaml_that_is_a_folder_is_no_workspace(tmp_path: Path) -> None:
    """It is told as such, not as a crash."""
    (tmp_path / "gbook.yaml").mkdir()
    with pytest.raises(NotFound, match=r"no gbook.yaml in"):
        find_workspace(str(tmp_path))
