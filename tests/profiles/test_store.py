"""The files of profiles: found by name and number, chosen, created, changed, deleted."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from gbook.errors import InvalidFile, NotFound, UsageError
from gbook.profiles import editing as changes
from gbook.profiles.model import Group
from gbook.profiles.store import ProfileStore
from gbook.workspace.workspace import open_workspace

CONFIG = "accounts: [{id: alice, email: a@x}, {id: bob, email: b@x}, {id: 7, email: c@x}]\n"
SALES = """\
# sales team
id: 3
durationMinutes: 45  # long
accounts: [alice]
groups:
  - extId: g
    accountIds: [bob, 7]
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("GBOOK_PROFILE", raising=False)
    (tmp_path / "gbook.yaml").write_text(CONFIG)
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles/sales.yaml").write_text(SALES)
    return tmp_path


@pytest.fixture
def store(root: Path) -> ProfileStore:
    return ProfileStore(open_workspace(root))


def add(root: Path, name: str, text: str) -> None:
    (root / "profiles" / f"{name}.yaml").write_text(text)


class TestFinding:
    def test_a_profile_has_the_name_of_its_file(self, store: ProfileStore) -> None:
        """Where it does not say so itself."""
        assert store.load("sales").name == "sales"

    def test_other_files_are_no_profiles(self, store: ProfileStore, root: Path) -> None:
        """Locks, backups, folders, notes, and links that lead nowhere or in a circle beside them."""
        for name in (".sales.yaml.gbook-lock", ".hidden.yaml", "sales.yaml~", "notes.txt"):
            (root / "profiles" / name).write_text("x")
        (root / "profiles/folder.yaml").mkdir()
        for name, target in (("lost.yaml", "nowhere"), ("circle.yaml", "circle.yaml")):
            (root / "profiles" / name).symlink_to(target)
        assert store.names() == ["sales"]

    def test_a_link_to_a_file_is_a_profile(self, store: ProfileStore, root: Path) -> None:
        """As in a repository of settings that several workspaces share."""
        (root / "settings.yaml").write_text(SALES)
        (root / "profiles/linked.yml").symlink_to("../settings.yaml")
        assert store.names() == ["linked", "sales"]
        assert store.load("linked").duration_minutes == 45

    def test_the_valid_profiles(
        self, store: ProfileStore, root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """They come by name, without those that cannot be used; the folder is listed once for all of them."""
        for name, text in (
            ("a", "id: 5"),
            ("a-b", "id: 4"),
            ("broken", "id: ["),
            ("other", "accounts: [carl]"),
        ):
            add(root, name, text)
        listings = []
        listed = os.scandir

        def scandir(folder: Path) -> Any:
            listings.append(folder)
            return listed(folder)

        monkeypatch.setattr(os, "scandir", scandir)
        assert [profile.name for profile in store.valid()] == ["a", "a-b", "sales"]
        assert listings == [root / "profiles"]

    def test_a_number_is_the_id(self, store: ProfileStore, root: Path) -> None:
        """Unless a profile has that name."""
        add(root, "other", "id: 4")
        assert store.find("4").name == "other"
        add(root, "4", "id: 5")
        assert store.find("4").id == 5
        with pytest.raises(NotFound, match="no profile '6'"):
            store.find("6")

    def test_a_title_is_a_name_too(self, store: ProfileStore, root: Path) -> None:
        """A file's name takes precedence over an id, and an id, which programs use, over a title."""
        add(root, "other", "id: 4\ntitle: Sales team")
        assert store.resolve("Sales team") == "other"
        with pytest.raises(NotFound, match="did you mean Sales team"):
            store.find("Sales Teem")
        add(root, "third", "title: sales")
        assert store.resolve("sales") == "sales"
        add(root, "fourth", 'title: "4"')
        assert store.resolve("4") == "other"
        add(root, "fifth", 'title: "5"')
        assert store.resolve("5") == "fifth"

    def test_two_profiles_of_one_title_are_told(self, store: ProfileStore, root: Path) -> None:
        """Neither is guessed; the later file has the problem."""
        add(root, "a", "title: Twice")
        add(root, "b", "title: Twice")
        with pytest.raises(InvalidFile, match="a and b have the same title, 'Twice'"):
            store.find("Twice")
        add(root, "c", "title: sales")
        assert [str(conflict) for conflict in store.conflicts()] == [
            f"{root}/profiles/b.yaml: title: 'Twice' is already the title of profile a",
            f"{root}/profiles/c.yaml: title: 'sales' is already the name of a profile",
        ]

    def test_a_title_can_be_the_default(self, root: Path) -> None:
        """A renamed profile is the default under both names."""
        add(root, "other", "title: Other")
        (root / "gbook.yaml").write_text(f"defaultProfile: Other\n{CONFIG}")
        store = ProfileStore(open_workspace(root))
        assert store.choose().name == "other"
        assert not store.conflicts()

    def test_two_profiles_of_one_number_are_told(self, store: ProfileStore, root: Path) -> None:
        """Neither is guessed."""
        add(root, "other", "id: 3")
        with pytest.raises(InvalidFile, match="other and sales have the same id, 3"):
            store.find("3")

    def test_a_near_miss_is_suggested(self, store: ProfileStore) -> None:
        """Exit code 4."""
        with pytest.raises(NotFound, match="did you mean sales"):
            store.find("slaes")

    def test_the_only_profile_is_meant(
        self, store: ProfileStore, root: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Of several: the one that is named, in the environment, in gbook.yaml; else none."""
        assert store.choose().name == "sales"
        add(root, "other", "id: 4")
        with pytest.raises(UsageError, match=r"several profiles.*other, sales"):
            store.choose()
        (root / "gbook.yaml").write_text(f"defaultProfile: other\n{CONFIG}")
        store = ProfileStore(open_workspace(root))
        assert store.choose().name == "other"
        monkeypatch.setenv("GBOOK_PROFILE", "3")
        assert store.choose().name == "sales"
        assert store.choose("other").name == "other"

    def test_no_profile_at_all_is_told(self, store: ProfileStore, root: Path) -> None:
        """With the command that makes one, whether or not the folder is there."""
        (root / "profiles/sales.yaml").unlink()
        with pytest.raises(NotFound, match="gbook profile create"):
            store.choose()
        (root / "profiles").rmdir()
        with pytest.raises(NotFound, match="gbook profile create"):
            store.choose()


class TestChecking:
    def test_the_name_is_that_of_the_file(self, store: ProfileStore, root: Path) -> None:
        """A copied file has to be renamed inside too."""
        add(root, "copy", "name: sales")
        with pytest.raises(InvalidFile, match="expected 'copy', the name of the file, found 'sales'"):
            store.load("copy")

    @pytest.mark.parametrize("name", ["booking", "offer", "confirm", "page", "a.css", "a.ics", "page.js"])
    def test_a_public_profile_has_an_address(self, store: ProfileStore, root: Path, name: str) -> None:
        """Its booking page is at /b/NAME; a profile that is not public has none."""
        add(root, name, "public: true")
        with pytest.raises(InvalidFile, match=f"line 1, public: its booking page, /b/{name}, would be"):
            store.load(name)
        add(root, name, "public: false")
        assert store.load(name).name == name

    def test_every_problem_is_told_at_once(self, store: ProfileStore, root: Path) -> None:
        """Values, keys, what is between sound fields, accounts: nothing waits for another to be mended."""
        add(root, "x", "durationMinutes: 0\naccounts: [alice, alice, bobby]\nstep: 5\nname: y")
        with pytest.raises(InvalidFile) as caught:
            store.load("x")
        told = [(problem.line, problem.key) for problem in caught.value.problems]
        assert told == [
            (1, "durationMinutes"),
            (3, "step"),
            (2, "accounts"),
            (4, "name"),
            (2, "accounts[2]"),
        ]

    def test_all_unknown_accounts_are_told_at_once(self, store: ProfileStore, root: Path) -> None:
        """Attached, optional, in groups; with the nearest id."""
        add(root, "x", "accounts: [alicia, bob]\noptional: [8]\ngroups: [{extId: g, accountIds: [7, bobby]}]")
        with pytest.raises(InvalidFile) as caught:
            store.load("x")
        assert [str(problem) for problem in caught.value.problems] == [
            "line 1, accounts[0]: no account 'alicia' in gbook.yaml; did you mean alice?",
            "line 2, optional[0]: no account '8' in gbook.yaml",
            "line 3, groups[0].accountIds[1]: no account 'bobby' in gbook.yaml; did you mean bob?",
        ]


class TestCreating:
    def test_a_new_profile_gets_the_next_number(self, store: ProfileStore, root: Path) -> None:
        """Its file holds what was given, in the order of the API, no defaults."""
        made = changes.create(
            store, {"name": "demo", "durationMinutes": 20, "timeAvailableFor": "P2W"}, "options"
        )
        assert made.id == 4
        assert (root / "profiles/demo.yaml").read_text() == (
            "id: 4\nname: demo\ndurationMinutes: 20\ntimeAvailableFor: P2W\n"
        )

    def test_the_users_own_yaml_stays_as_it_is(self, store: ProfileStore, root: Path) -> None:
        """Comments included; what was missing is added."""
        text = "# mine\ndurationMinutes: 20 # short\n"
        changes.create(store, {"durationMinutes": 20, "name": "demo"}, "demo.yaml", text)
        assert (
            root / "profiles/demo.yaml"
        ).read_text() == "# mine\nid: 4\nname: demo\ndurationMinutes: 20 # short\n"

    @pytest.mark.parametrize(
        ("name", "file"),
        [
            ("Aurinko Demo", "aurinko-demo"),
            ("Führungskräfte: Café & Co.", "fuhrungskrafte-cafe-co"),
            ("Straße 7 / Å", "strasse-7-a"),
            ("../x", "x"),
            ("日本語 の", "profile-4"),
            ("***", "profile-4"),
            ("3!", "profile-3"),
            ("Sales!", "sales-2"),
            ("a b " * 40 + "c", ("a-b-" * 20).rstrip("-")),
        ],
    )
    def test_a_name_of_other_signs_becomes_the_title(
        self, store: ProfileStore, root: Path, name: str, file: str
    ) -> None:
        """The file gets a name of ASCII letters and digits."""
        made = changes.create(store, {"name": name, "durationMinutes": 20}, "payload")
        assert (made.name, made.title, made.display_name) == (file, name, name)
        assert (root / f"profiles/{file}.yaml").exists()
        assert store.resolve(name) == file
        with pytest.raises(UsageError, match="already exists"):
            changes.create(store, {"name": name}, "payload")

    @pytest.mark.parametrize("name", ["aurinkoDemo", "Büro", "a.b_c-d"])
    def test_a_name_that_a_file_can_have_gets_no_title(self, store: ProfileStore, name: str) -> None:
        """In upper case or with umlauts too."""
        made = changes.create(store, {"name": name}, "payload")
        assert (made.name, made.title) == (name, None)

    def test_a_title_is_written_into_the_users_own_yaml(self, store: ProfileStore, root: Path) -> None:
        """What differs from the data is replaced, and what the data lacks is removed."""
        text = "# mine\nname: Sales team # ours\ndurationMinutes: 20 # short\nlocation: null\n"
        changes.create(store, {"name": "Sales team", "durationMinutes": 25}, "demo.yaml", text)
        assert (root / "profiles/sales-team.yaml").read_text() == (
            "# mine\nid: 4\nname: sales-team # ours\ntitle: Sales team\ndurationMinutes: 25 # short\n"
        )

    @pytest.mark.parametrize(
        ("data", "error", "said"),
        [
            ({"name": "sales"}, UsageError, "sales already exists"),
            ({"name": "x\ny"}, InvalidFile, "expected letters, digits"),
            ({"name": " "}, InvalidFile, "expected letters, digits"),
            ({"name": "x y" * 80}, InvalidFile, "expected letters, digits"),
            ({"name": "x y", "title": "z"}, InvalidFile, "expected letters, digits"),
            ({"durationMinutes": 5}, InvalidFile, "'name' is missing"),
            ({"name": "x", "title": "sales"}, UsageError, "sales already exists"),
            ({"name": "x", "title": ""}, InvalidFile, "title: expected 1 to 200 characters, found 0"),
            ({"name": "x", "owner": "alicia"}, InvalidFile, "owner: no account 'alicia'.*did you mean alice"),
            ({"name": "x", "durationMinutes": 0}, InvalidFile, "durationMinutes: expected"),
            ({"name": "x", "id": 3}, InvalidFile, "id: id 3 is already used by profile sales"),
            ({"name": "x", "accounts": ["alicia"]}, InvalidFile, "did you mean alice"),
        ],
    )
    def test_nothing_is_written_of_what_is_wrong(
        self, store: ProfileStore, data: dict[str, Any], error: type[Exception], said: str
    ) -> None:
        """And the profiles that are there stay."""
        with pytest.raises(error, match=said):
            changes.create(store, data, "payload")
        assert store.names() == ["sales"]

    def test_a_name_that_is_taken_is_taken_though_its_file_is_broken(
        self, store: ProfileStore, root: Path
    ) -> None:
        """It is not overwritten; other profiles can still be made."""
        add(root, "broken", "a: [")
        with pytest.raises(UsageError, match="already exists"):
            changes.create(store, {"name": "broken"}, "options")
        assert changes.create(store, {"name": "fine"}, "options").id == 4


class TestChanging:
    def test_another_name_becomes_the_title(self, store: ProfileStore, root: Path) -> None:
        """The name of the file stays, and takes the title away again."""
        assert changes.update(store, "sales", {"name": "Sales team"}).title == "Sales team"
        assert changes.update(store, "sales", {"name": "sales", "title": "Both"}).title == "Both"
        assert changes.update(store, "sales", {"name": "sales"}).title is None
        assert (root / "profiles/sales.yaml").read_text() == SALES

    def test_an_update_keeps_comments(self, store: ProfileStore, root: Path) -> None:
        """Null removes a key."""
        made = changes.update(store, "sales", {"durationMinutes": 50, "accounts": None, "subject": "Hi"})
        assert (made.duration_minutes, made.accounts, made.subject) == (50, (), "Hi")
        assert "durationMinutes: 50  # long" in (root / "profiles/sales.yaml").read_text()

    @pytest.mark.parametrize(
        ("patch", "error"),
        [
            ({"durationMinutes": 0}, InvalidFile),
            ({"accounts": ["nobody"]}, InvalidFile),
            ({"colour": "red"}, InvalidFile),
            ({"name": None}, UsageError),
            ({"name": "Sales team", "title": "Other"}, UsageError),
            ({"name": "x\ny"}, InvalidFile),
            ({"title": "taken"}, InvalidFile),
            ({"name": "Taken too"}, InvalidFile),
        ],
    )
    def test_an_update_that_is_wrong_is_not_written(
        self, store: ProfileStore, root: Path, patch: dict[str, Any], error: type[Exception]
    ) -> None:
        """The file is byte for byte what it was."""
        add(root, "taken", "title: Taken too")
        with pytest.raises(error):
            changes.update(store, "sales", patch)
        assert (root / "profiles/sales.yaml").read_text() == SALES

    def test_accounts_are_attached_and_detached(self, store: ProfileStore) -> None:
        """Once each, in order; integers stay integers."""
        assert changes.attach_accounts(store, "sales", ["7", "alice", "7"]).accounts == ("alice", "7")
        assert "accounts: [alice, 7]" in store.path("sales").read_text()
        assert changes.detach_accounts(store, "sales", ["alice", "7"]).accounts == ()
        with pytest.raises(NotFound, match="sales has no account 'alice'"):
            changes.detach_accounts(store, "sales", ["alice"])
        with pytest.raises(NotFound, match="no account 'alicia'; did you mean alice"):
            changes.attach_accounts(store, "sales", ["alicia"])

    def test_attaching_a_group_again_replaces_it(self, store: ProfileStore) -> None:
        """In its place; other groups stay."""
        changes.attach_groups(store, "sales", [{"extId": "h", "accountIds": ["alice"]}])
        made = changes.attach_groups(
            store, "sales", [{"extId": "g", "accountIds": ["bob"], "required": "all"}]
        )
        assert made.groups == (
            Group(ext_id="g", account_ids=("bob",), required="all"),
            Group(ext_id="h", account_ids=("alice",)),
        )
        assert [group.ext_id for group in changes.detach_groups(store, "sales", ["g"]).groups] == ["h"]
        with pytest.raises(NotFound, match="sales has no group 'g'"):
            changes.detach_groups(store, "sales", ["g"])

    def test_accounts_leave_a_group(self, store: ProfileStore, root: Path) -> None:
        """The others stay, in their order and with their comments; a group without accounts is removed."""
        changes.attach_groups(store, "sales", [{"extId": "h", "accountIds": ["alice", "bob"]}])
        made = changes.detach_from_groups(store, "sales", {"g": ["7"], "h": ["bob", "alice"]})
        assert made.groups == (Group(ext_id="g", account_ids=("bob",)),)
        assert "# sales team" in (root / "profiles/sales.yaml").read_text()
        assert changes.detach_from_groups(store, "sales", {"g": []}).groups == ()

    def test_a_group_never_requires_more_than_it_keeps(self, store: ProfileStore) -> None:
        """All that it keeps are the nearest to the number that was asked for."""
        group = {"extId": "g", "accountIds": ["alice", "bob", 7], "required": 2}
        changes.attach_groups(store, "sales", [group])
        assert changes.detach_from_groups(store, "sales", {"g": ["alice"]}).groups[0].required == 2
        assert changes.detach_from_groups(store, "sales", {"g": ["bob"]}).groups[0].required == 1

    @pytest.mark.parametrize(
        ("leaving", "said"),
        [
            ({"g": ["bob"], "h": []}, "sales has no group 'h'"),
            ({"g": ["bob", "alice"]}, "g has no account 'alice'"),
            ({"g": ["bobby"]}, "g has no account 'bobby'; did you mean bob?"),
        ],
    )
    def test_what_is_not_attached_cannot_leave(
        self, store: ProfileStore, root: Path, leaving: dict[str, list[str]], said: str
    ) -> None:
        """Nothing is written, not even what could."""
        with pytest.raises(NotFound) as refused:
            changes.detach_from_groups(store, "sales", leaving)
        assert said in refused.value.message
        assert (root / "profiles/sales.yaml").read_text() == SALES

    @pytest.mark.parametrize(
        "group",
        [
            {"extId": "g", "accountIds": ["nobody"]},
            {"extId": "g", "accountIds": []},
            {"extId": "g", "accountIds": ["bob", "bob"]},
            {"extId": "g", "accountIds": ["bob"], "required": 2},
            {"accountIds": ["bob"]},
        ],
    )
    def test_a_group_that_is_wrong_is_not_attached(self, store: ProfileStore, group: dict[str, Any]) -> None:
        """Unknown or no accounts, twice the same, more required than there are, no extId."""
        with pytest.raises(InvalidFile):
            changes.attach_groups(store, "sales", [group])
        assert store.path("sales").read_text() == SALES

    def test_an_account_that_is_gone_can_be_detached(self, store: ProfileStore, root: Path) -> None:
        """Although the profile is invalid until then."""
        add(root, "x", "accounts: [alice, carol]")
        assert changes.detach_accounts(store, "x", ["carol"]).accounts == ("alice",)

    def test_a_deleted_profile_is_gone(self, store: ProfileStore) -> None:
        """A second time it is not found."""
        changes.delete(store, "sales")
        assert store.names() == []
        with pytest.raises(NotFound):
            changes.delete(store, "sales")
