"""`gbook account discover` from outside: what it lists, tests and writes into gbook.yaml."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from support.caldav_servers import PASSWORD, USERNAME, CalDavServer
from support.dav import Server
from support.fake_caldav import Behaviour, FakeCalDav, fake_caldav
from support.fault_server import fault_server, reply
from support.running import Gbook
from support.smtp_server import silent_server

CONFIG = """\
# the team
accounts:
  - id: alice       # the boss
    email: alice@example.com
    calendars: [calendars/alice.ics]
  - {id: bob, email: bob@example.com}
"""
PRINT_PASSWORD = shlex.join(["printf", "%s", PASSWORD])
LOGIN = ("--username", USERNAME, "--password-command", PRINT_PASSWORD)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "gbook.yaml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(params=["radicale", "xandikos", "fake"])
def server(request: pytest.FixtureRequest) -> Server:
    server: Server = request.getfixturevalue(request.param)
    return server


def test_the_calendars_of_a_login_are_listed(gbook: Gbook, root: Path, radicale: CalDavServer) -> None:
    url = radicale.new_calendar("work")
    listed = gbook("account", "discover", radicale.url, *LOGIN)
    assert listed.code == 0 and url in listed.out and "read and write" in listed.out
    document = gbook.json("account", "discover", url, *LOGIN)
    assert document == {
        "server": {"id": "server", "url": radicale.url},
        "calendars": [
            {
                "url": url,
                "name": url.removeprefix(radicale.url).rstrip("/"),
                "color": None,
                "components": document["calendars"][0]["components"],
                "writable": True,
                "syncCollection": True,
            }
        ],
        "writeTest": None,
        "account": None,
    }
    assert (root / "gbook.yaml").read_text() == CONFIG


def test_what_a_calendar_keeps_is_shown(gbook: Gbook, root: Path, server: Server) -> None:
    url = server.new_calendar()
    shown = gbook("account", "discover", url, *LOGIN, "--write-test")
    assert shown.code == 0
    for promise in ("If-None-Match", "If-Match", "sync-collection"):
        assert next(line for line in shown.out.splitlines() if promise in line).endswith("yes")
    assert shown.out.endswith("gbook can book in this calendar.\n")
    kept = gbook.json("account", "discover", url, *LOGIN, "--write-test")["writeTest"]
    assert abs(kept.pop("clockSkew")) < 60
    assert kept == {
        "writable": True,
        "createOnly": True,
        "match": True,
        "syncCollection": True,
        "keepsBytes": isinstance(server, FakeCalDav),
        "refusal": None,
    }


def test_a_calendar_is_added_to_an_account(gbook: Gbook, root: Path, radicale: CalDavServer) -> None:
    """Server and calendar are written, comments stay, and the same command again changes nothing."""
    url = radicale.new_calendar()
    command = ("account", "discover", url, *LOGIN, "--write-test", "--add", "alice")
    added = gbook(*command)
    assert (added.code, added.err) == (0, "")
    assert f"Added {url} to account alice." in added.out
    text = (root / "gbook.yaml").read_text()
    assert text == CONFIG.replace(
        "calendars: [calendars/alice.ics]",
        f"calendars: [calendars/alice.ics, {{url: {url}, server: server}}]",
    ) + (
        "servers:\n"
        "  - id: server\n"
        f"    url: {radicale.url}\n"
        f"    username: {USERNAME}\n"
        "    passwordCommand: [printf, '%s', correct horse]\n"
    )
    assert gbook(*command).code == 0
    assert (root / "gbook.yaml").read_text() == text
    other = radicale.new_calendar()
    assert gbook("account", "discover", other, "--server", "server", "--add", "bob").code == 0
    calendars = gbook.json("account", "show", "bob")["calendars"]
    assert [(each["url"], each["server"]) for each in calendars] == [(other, "server")]


def test_an_account_may_be_new(gbook: Gbook, root: Path, xandikos: CalDavServer) -> None:
    url = xandikos.new_calendar()
    refused = gbook("account", "discover", url, "--add", "carol")
    assert refused.code == 2 and "--email E adds it" in refused.err
    assert (root / "gbook.yaml").read_text() == CONFIG
    gbook.json("account", "discover", url, "--add", "carol", "--email", "carol@example.com")
    account = gbook.json("account", "show", "carol")
    assert (account["email"], account["calendars"][0]["url"]) == ("carol@example.com", url)


@pytest.mark.parametrize(
    ("behaviour", "is_readonly"),
    [
        (Behaviour(), False),
        (Behaviour(ignores_if_none_match=True), True),
        (Behaviour(ignores_if_match=True), True),
        (Behaviour(write_status=403, does_write=False), True),
        (Behaviour(rights="<privilege><read/></privilege>"), True),
        (Behaviour(sync_refusal=403), False),
    ],
)
def test_a_calendar_that_breaks_a_promise_is_only_read(
    gbook: Gbook, root: Path, fake: FakeCalDav, behaviour: Behaviour, is_readonly: bool
) -> None:
    fake.behaviour = behaviour
    document = gbook.json("account", "discover", fake.new_calendar(), "--write-test", "--add", "bob")
    (calendar,) = document["account"]["calendars"]
    assert calendar["readonly"] == is_readonly


def test_rights_count_without_a_test(gbook: Gbook, root: Path, fake: FakeCalDav) -> None:
    """A note says that nothing was written to try it."""
    added = gbook("account", "discover", fake.new_calendar(), "--add", "bob")
    assert added.code == 0 and "note: gbook tries to write" in added.err
    fake.behaviour = Behaviour(rights="<privilege><read/></privilege>")
    added = gbook("account", "discover", fake.new_calendar(), "--add", "bob")
    assert added.code == 0 and not added.err
    calendars = gbook.json("account", "show", "bob")["calendars"]
    assert [each["readonly"] for each in calendars] == [False, True]


def test_one_of_several_calendars_is_chosen_by_its_address(
    gbook: Gbook, root: Path, fake: FakeCalDav
) -> None:
    urls = [fake.new_calendar(), fake.new_calendar()]
    for option in (("--add", "bob"), ("--write-test",)):
        refused = gbook("account", "discover", fake.url, *option)
        assert refused.code == 2 and all(url in refused.err for url in urls)
    assert not any(fake.calendars.values())
    assert (root / "gbook.yaml").read_text() == CONFIG


def test_clocks_that_differ_are_reported(gbook: Gbook, root: Path, fake: FakeCalDav) -> None:
    fake.behaviour = Behaviour(clock=-600)
    shown = gbook("account", "discover", fake.new_calendar(), "--write-test")
    assert shown.code == 0 and "note: the clocks differ by 60" in shown.err
    assert "s behind" in shown.out


def test_calendars_of_another_host_need_a_second_look(gbook: Gbook, root: Path, fake: FakeCalDav) -> None:
    """As with iCloud: the first host names another one, which gets the login only if the user says so."""
    url, other = fake.new_calendar(), fake.new_calendar()
    with fake_caldav() as first:
        first.behaviour.answers["PROPFIND /.well-known/caldav"] = (301, {"location": fake.home}, b"")
        refused = gbook("account", "discover", first.url, *LOGIN)
        assert refused.code == 5 and f"run `gbook account discover {fake.home}`" in refused.err
        assert fake.logins == [None]
        assert gbook("account", "discover", first.new_calendar(), *LOGIN, "--add", "bob").code == 0
    for calendar, login in ((url, ("--server", "server")), (other, LOGIN)):
        assert gbook("account", "discover", calendar, *login, "--add", "bob").code == 0
    calendars = gbook.json("account", "show", "bob")["calendars"]
    assert [each["server"] for each in calendars] == ["server", "server-2", "server-2"]
    assert f"url: {fake.url}\n" in (root / "gbook.yaml").read_text()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("URL",), 5, "asks for a login; give --username and --password-command"),
        (("URL", "--username", "x", "--password-command", "printf x"), 5, "refuses the login"),
        (("URL", "--username", "x", "--password-command", "false"), 1, "passwordCommand: false ended"),
        (("URL", "--username", "x"), 2, "--username: needs a --password-command beside it, or --netrc"),
        (("URL", "--password-command", "printf x"), 2, "--password-command: needs a username"),
        (("URL", "--server", "a b", *LOGIN), 2, "--server: expected letters"),
        (("URL", "--password-command", "'"), 2, "a quotation mark is not closed"),
        (("URL", "--server", "other"), 4, "no server 'other'"),
        (
            ("http://dav.example.com/", "--username", "x", "--password-command", "false"),
            2,
            "use https://, or give --insecure",
        ),
        (("https://alice:secret@dav.example.com/",), 2, "without a user name"),
        (("ftp://dav.example.com/",), 2, "URL: expected an address"),
        (("URL", "--offline"), 2, "leave out --offline"),
        (("127.0.0.1:1",), 6, "127.0.0.1:1: connection refused; is the server running?"),
        (("https://127.0.0.1:1", "--ca-file", "no.pem"), 5, "no.pem: cannot be read"),
    ],
)
def test_a_mistake_is_one_clear_line(
    gbook: Gbook, root: Path, radicale: CalDavServer, arguments: tuple[str, ...], code: int, message: str
) -> None:
    given = [each.replace("URL", radicale.url) for each in arguments]
    failed = gbook("account", "discover", *given)
    assert (failed.code, failed.out) == (code, "")
    assert message in failed.err and failed.err.count("\n") == 1
    assert "secret" not in failed.err
    assert (root / "gbook.yaml").read_text() == CONFIG


def test_the_address_of_a_feed_is_not_repeated(gbook: Gbook, root: Path) -> None:
    """It is no CalDAV server, and its address may be a secret; the message says how to add it."""
    with fault_server(lambda _: reply(501)) as server:
        failed = gbook("account", "discover", f"{server.url}secret/basic.ics")
    assert failed.code == 5 and "use `gbook account add ID --calendar URL`" in failed.err
    assert "secret" not in failed.err


def test_a_mistyped_address_adds_no_other_calendar(gbook: Gbook, root: Path, fake: FakeCalDav) -> None:
    """Even if the server has only one: it would be written to."""
    fake.new_calendar("work")
    assert len(gbook.json("account", "discover", fake.url)["calendars"]) == 1
    failed = gbook("account", "discover", f"{fake.url}nowhere/wrok/", "--add", "bob", "--write-test")
    assert failed.code == 2 and "there is no calendar at this address: give the address of" in failed.err
    assert (root / "gbook.yaml").read_text() == CONFIG


def test_the_list_says_how_to_add_a_calendar(gbook: Gbook, root: Path, radicale: CalDavServer) -> None:
    radicale.new_calendar("work")
    listed = gbook("account", "discover", radicale.url, *LOGIN)
    assert listed.out.splitlines()[-1] == "Next: gbook account discover ADDRESS --add ID, with the same login"


def test_a_login_may_be_a_token_or_in_netrc(
    gbook: Gbook, root: Path, fake: FakeCalDav, home_folder: Path
) -> None:
    """Both are written into gbook.yaml as what they are, and used."""
    netrc = home_folder / ".netrc"
    netrc.write_text("machine 127.0.0.1 login alice password secret\n")
    netrc.chmod(0o600)
    for option, header, line in (
        (("--token-command", "printf abc"), "Bearer abc", "tokenCommand: [printf, abc]\n"),
        (("--netrc",), "Basic YWxpY2U6c2VjcmV0", "netrc: true\n"),
    ):
        fake.logins.clear()
        added = gbook("account", "discover", fake.new_calendar(), *option, "--add", "bob")
        assert added.code == 0, added.err
        assert set(fake.logins) == {header}
        assert line in (root / "gbook.yaml").read_text()
    assert "secret" not in (root / "gbook.yaml").read_text()


def test_the_time_limit_is_that_of_all_commands(gbook: Gbook, root: Path) -> None:
    """A server that accepts the connection and says nothing."""
    with silent_server() as port:
        failed = gbook("account", "discover", f"http://localhost:{port}", "--timeout", "0.2")
    assert failed.code == 6 and "did not answer within 0.2 s" in failed.err


def test_the_first_booking_need_not_try_again(gbook: Gbook, root: Path, fake: FakeCalDav) -> None:
    """What --write-test has found is remembered; without it, the first booking tries."""
    (root / "profiles").mkdir()
    hours = "{dayOfWeek: monday, workingIntervals: [{start: 09:00, end: 17:00}]}"
    (root / "profiles/demo.yaml").write_text(
        "{durationMinutes: 30, timeAvailableFor: P30D, accounts: [bob],"
        f" workHours: {{timezone: UTC, daySchedules: [{hours}]}}}}"
    )
    gbook.json("account", "discover", fake.new_calendar(), "--write-test", "--add", "bob")
    fake.requests.clear()
    assert gbook.json("book", "--slot", "first", "--name", "Gwen")["created"]
    assert not [each for each in fake.requests if "gbook-test" in each]
