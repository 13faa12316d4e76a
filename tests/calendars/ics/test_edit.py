"""Changes to the bytes of a calendar: only what was meant changes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import icalendar
import pytest
import recurring_ical_events
from hypothesis import given
from hypothesis import strategies as st
from support.crash import FILE, event

from gbook.calendars.ics.content_lines import fold, unfold
from gbook.calendars.ics.edit import Put, Remove, apply, find_events, rewrite, rewrite_properties
from gbook.errors import InvalidFile

UID = "ours@gbook"
PUT = Put(UID, event(UID))


def shipped() -> Iterator[Path]:
    """The calendars that ship with the libraries: many programs' ways to write one."""
    for package in (icalendar, recurring_ical_events):
        yield from sorted(Path(str(package.__file__)).parent.rglob("*.ics"))


def calendar(*lines: str, line_break: str = "\r\n") -> bytes:
    return line_break.join(["BEGIN:VCALENDAR", "VERSION:2.0", *lines, "END:VCALENDAR", ""]).encode()


MEETING = ["BEGIN:VEVENT", "UID:theirs", "DTSTART:20260105T090000Z", "SUMMARY:Theirs", "END:VEVENT"]


def booked_and_removed(content: bytes) -> bytes | None:
    with_event = apply(content, [PUT], "a.ics")
    assert with_event is not None
    assert len(find_events(with_event, UID, "a.ics")) == 1
    assert apply(with_event, [PUT], "a.ics") == with_event
    return apply(with_event, [Remove(UID)], "a.ics")


def test_book_then_remove_gives_every_shipped_calendar_back() -> None:
    """Byte for byte; a file that is no whole calendar is refused and not touched."""
    whole = 0
    for path in shipped():
        content = path.read_bytes()
        try:
            apply(content, [], str(path))
            back = booked_and_removed(content)
        except InvalidFile:
            continue
        assert back == content, path
        whole += 1
    assert whole > 150


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(FILE, id="crlf and bytes that are no utf-8"),
        pytest.param(FILE.replace(b"\r\n", b"\n"), id="lf"),
        pytest.param(FILE.replace(b"\r\n", b"\n", 3), id="mixed line breaks"),
        pytest.param(FILE.rstrip(), id="no line break at the end"),
        pytest.param(b"\xef\xbb\xbf" + FILE, id="byte order mark"),
        pytest.param(FILE + FILE, id="two calendars"),
        pytest.param(FILE + b"\xef\xbb\xbf" + FILE, id="two files, one behind the other"),
        pytest.param(FILE.lower(), id="lower case"),
        pytest.param(FILE + b"\r\n\r\n  \r\n", id="blank lines behind"),
        pytest.param(
            FILE.replace(b"END:", b"EN\r\n D:").replace(b"BEGIN", b"B\r\n\tEGIN"), id="folded names"
        ),
        pytest.param(FILE.replace(b"END:VCAL", b"END:VC\r\n AL"), id="folded end"),
        pytest.param(calendar(), id="empty calendar"),
        pytest.param(
            calendar(*MEETING[:-1], "DESCRIPTION:x\r\n END:VCALENDAR\r\n BEGIN:VEVENT", MEETING[-1]),
            id="a folded description that looks like an end",
        ),
        pytest.param(
            calendar(*MEETING[:-1], "BEGIN:VALARM", f"UID:{UID}", "ACTION:AUDIO", "END:VALARM", MEETING[-1]),
            id="an alarm with the same uid",
        ),
        pytest.param(
            calendar("BEGIN:VTODO", f"UID:{UID}", "END:VTODO", *MEETING), id="a to-do with the same uid"
        ),
    ],
)
def test_book_then_remove_gives_the_file_back(content: bytes) -> None:
    """However it is written; what was put in is one run of bytes in front of the last END."""
    with_event = apply(content, [PUT], "a.ics")
    assert with_event is not None
    assert len(with_event) > len(content)
    assert booked_and_removed(content) == content


LINES = st.lists(
    st.sampled_from(
        [
            "BEGIN:VEVENT\nUID:a\nSUMMARY:x\nEND:VEVENT",
            "BEGIN:VEVENT\nSUMMARY:no uid\nEND:VEVENT",
            "BEGIN:VEVENT\nUID:b\nRECURRENCE-ID:20260101T000000Z\nBEGIN:VALARM\nUID:c\nEND:VALARM\nEND:VEVENT",
            "begin:vevent\nu\n id:d\nDESCRIPTION:END:VEVENT\n END:VEVENT\n\tBEGIN:VEVENT\nend:vevent",
            "BEGIN:VTIMEZONE\nTZID:X\nBEGIN:STANDARD\nEND:STANDARD\nEND:VTIMEZONE",
            "X-WR-CALNAME:caf\u00e9\n \n",
            "END:VCALENDAR\n\nBEGIN:VCALENDAR",
            "",
        ]
    ),
    max_size=8,
)


@given(LINES, st.lists(st.booleans(), min_size=1), st.booleans())
def test_book_then_remove_gives_any_calendar_back(parts: list[str], breaks: list[bool], ends: bool) -> None:
    """Whatever stands in it, with whatever line breaks, in whatever turn."""
    lines = "\n".join(["BEGIN:VCALENDAR", *parts, "END:VCALENDAR"]).split("\n")
    ending = [("\r\n" if breaks[number % len(breaks)] else "\n") for number in range(len(lines))]
    text = "".join(line + line_break for line, line_break in zip(lines, ending, strict=True))
    content = (text if ends else text.rstrip("\r\n")).encode()
    assert booked_and_removed(content) == content


def test_an_event_takes_the_line_breaks_of_its_file() -> None:
    """LF stays LF, CRLF stays CRLF."""
    unix = apply(FILE.replace(b"\r\n", b"\n"), [PUT], "a.ics")
    assert unix is not None
    assert b"\r" not in unix
    dos = apply(FILE, [Put(UID, event(UID).replace(b"\r\n", b"\n"))], "a.ics")
    assert dos is not None
    assert re.search(rb"(?<!\r)\n", dos) is None


def test_an_event_comes_last_in_the_last_calendar() -> None:
    """Just before the last END:VCALENDAR."""
    after = apply(FILE + FILE, [PUT], "a.ics")
    assert after == FILE + FILE.replace(b"END:VCALENDAR", event(UID) + b"END:VCALENDAR")


def test_a_changed_event_replaces_its_own_bytes() -> None:
    """Where it stands, in the line breaks that it had; the events around it stay."""
    content = calendar(*MEETING, f"BEGIN:VEVENT\r\nUID:{UID}\r\nEND:VEVENT", *MEETING)
    assert apply(content, [PUT], "a.ics") == calendar(*MEETING, event(UID).decode().strip(), *MEETING)
    unix = content.replace(b"\r\n", b"\n")
    assert apply(unix, [PUT], "a.ics") == calendar(
        *MEETING, event(UID).decode().replace("\r\n", "\n").strip(), *MEETING, line_break="\n"
    )


def test_an_override_is_changed_apart_from_its_series() -> None:
    """UID and RECURRENCE-ID find it."""
    override = f"BEGIN:VEVENT\r\nUID:{UID}\r\nRECURRENCE-ID:20260106T090000Z\r\nSUMMARY:old\r\nEND:VEVENT"
    changed = override.replace("old", "new")
    master = event(UID).decode().strip()
    content = calendar(master, override)
    assert apply(content, [Put(UID, changed.encode())], "a.ics") == calendar(master, changed)
    assert apply(content, [PUT], "a.ics") == content
    assert apply(content, [Remove(UID)], "a.ics") == calendar()


@pytest.mark.parametrize("around", ["VCALENDAR", "X-DRAFTS"])
def test_an_event_inside_something_else_is_changed_too(around: str) -> None:
    """An event counts wherever its VCALENDAR is, so it is found there."""
    inner = (f"BEGIN:{around}", *MEETING, event(UID).decode().strip(), f"END:{around}")
    content = calendar(*inner, *MEETING)
    assert len(find_events(content, UID, "a.ics")) == 1
    assert apply(content, [Remove(UID)], "a.ics") == calendar(inner[0], *MEETING, inner[-1], *MEETING)


def test_text_that_looks_like_a_frame_is_no_obstacle() -> None:
    """What the scan reads over does not keep an event from being booked beside it."""
    text = ("DESCRIPTION:Hello", "END:OF MAIL", "BEGIN: of another", "END:MAIL")
    content = calendar(*MEETING[:-1], *text, MEETING[-1])
    assert booked_and_removed(content) == content


def test_an_event_that_is_there_twice_is_there_once_afterwards() -> None:
    """A sync tool may have merged two copies."""
    own = event(UID).decode().strip()
    assert apply(calendar(own, *MEETING, own), [PUT], "a.ics") == calendar(own, *MEETING)


def test_uids_are_compared_as_what_they_say() -> None:
    """Folded, escaped, with parameters, in any case of the name: the same UID; a longer one is another."""
    told = r"a\,b"
    content = calendar("BEGIN:VEVENT", f'uid;x-a="q:q":{told[:2]}\r\n {told[2:]}', "END:VEVENT", *MEETING)
    assert len(find_events(content, "a,b", "a.ics")) == 1
    assert find_events(content, "a", "a.ics") == find_events(content, "a,bc", "a.ics") == []


def test_an_item_of_a_vdir_comes_and_goes_as_a_file() -> None:
    """It is a whole calendar by itself; with its last event the file goes, unless something else is in it."""
    item = apply(None, [PUT], "a.ics", vdir_item=True)
    assert item is not None
    assert [str(each["UID"]) for each in icalendar.Calendar.from_ical(item).walk("VEVENT")] == [UID]
    assert apply(item, [Remove(UID)], "a.ics", vdir_item=True) is None
    both = calendar(event(UID).decode().strip(), "BEGIN:VTODO", "END:VTODO")
    assert apply(both, [Remove(UID)], "a.ics", vdir_item=True) == calendar("BEGIN:VTODO", "END:VTODO")
    assert apply(item, [Remove("another")], "a.ics", vdir_item=True) == item
    assert apply(None, [Remove(UID)], "a.ics", vdir_item=True) is None


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", 1),
        (b"\x00\xffgarbage", 1),
        (FILE[:-20], 9),
        (FILE.replace(b"END:VEVENT\r\n", b""), 9),
        (FILE.replace(b"END:VEVENT", b"END:VTODO"), 9),
        (FILE + b"END:VCALENDAR\r\n", 11),
        (b"BEGIN:VEVENT\r\nEND:VEVENT\r\n", 1),
    ],
)
def test_what_is_no_whole_calendar_is_never_edited(content: bytes, line: int) -> None:
    """The error names the file and the line."""
    for edit in (PUT, Remove(UID)):
        with pytest.raises(InvalidFile, match=rf"^alice\.ics: line {line}: ") as caught:
            apply(content, [edit], "alice.ics")
        assert caught.value.exit_code == 5


@given(st.integers(1, len(FILE) - 2))
def test_a_file_that_is_cut_off_is_never_edited(length: int) -> None:
    """Wherever it is cut, but for the line break at its end."""
    with pytest.raises(InvalidFile):
        apply(FILE[: min(length, len(FILE) - 3)], [PUT], "a.ics")


@pytest.mark.parametrize(
    "component",
    [
        b"",
        b"SUMMARY:x\r\n",
        event("another"),
        event(UID) + event(UID),
        event(UID)[:-5],
        event(UID) + b"END:VCALENDAR\r\nBEGIN:VCALENDAR\r\n",
    ],
)
def test_only_one_event_with_its_uid_can_be_put(component: bytes) -> None:
    """Anything else could break the frame of the file."""
    with pytest.raises((ValueError, InvalidFile)):
        apply(FILE, [Put(UID, component)], "a.ics")


ALARM = b"BEGIN:VALARM\r\nSTATUS:mine\r\nACTION:AUDIO\r\nEND:VALARM\r\n"
RICH = (
    b"BEGIN:VEVENT\r\nUID:x\r\nstatus;X-A=1:CONF\r\n IRMED\r\nDESCRIPTION:a\r\n  b\r\n\tc\r\n"
    b"SEQUENCE:1\r\nSEQUENCE:2\r\n" + ALARM + b"END:VEVENT\r\n"
)


def test_properties_are_changed_and_every_other_byte_stays() -> None:
    """Replaced where they stand, doubles dropped, new ones added in front of the alarms, whose lines stay."""
    changes = {
        "STATUS": b"STATUS:CANCELLED",
        "SEQUENCE": b"SEQUENCE:3",
        "COMMENT": b"COMMENT:why",
        "URL": None,
    }
    assert rewrite_properties(RICH, changes) == (
        b"BEGIN:VEVENT\r\nUID:x\r\nSTATUS:CANCELLED\r\nDESCRIPTION:a\r\n  b\r\n\tc\r\n"
        b"SEQUENCE:3\r\nCOMMENT:why\r\n" + ALARM + b"END:VEVENT\r\n"
    )
    assert rewrite_properties(RICH, {"description": None}) == RICH.replace(
        b"DESCRIPTION:a\r\n  b\r\n\tc\r\n", b""
    )


def test_one_of_several_lines_of_a_name_can_be_changed() -> None:
    """An ATTENDEE's answer: the line is seen unfolded and written folded, the others stay as they are."""
    attendee = b"ATTENDEE;CN=%s;PARTSTAT=NEEDS-ACTION:mailto:someone.with.a.long.name@example.com"
    lines = [fold(attendee % name, b"\n") for name in (b"Jane", "Zo\u00eb of the very long name".encode())]
    component = b"BEGIN:VEVENT\nUID:x\n" + b"".join(lines) + b"END:VEVENT\n"

    def accept(line: bytes) -> bytes:
        return line.replace(b"NEEDS-ACTION", b"ACCEPTED") if b"Zo\xc3\xab" in line else line

    changed = rewrite(component, accept)
    assert changed.startswith(b"BEGIN:VEVENT\nUID:x\n" + lines[0])
    assert unfold(changed) == unfold(component).replace(
        b"name;PARTSTAT=NEEDS-ACTION", b"name;PARTSTAT=ACCEPTED"
    )
    assert max(map(len, changed.split(b"\n"))) <= 75


@given(st.text(min_size=1).filter(lambda text: not {"\r", "\n"} & set(text)))
def test_folding_and_unfolding_are_inverse(text: str) -> None:
    """No line is longer than 75 octets, no character is torn apart."""
    folded = fold(text.encode(), b"\r\n")
    assert unfold(folded) == text.encode() + b"\r\n"
    pieces = folded[:-2].split(b"\r\n")
    assert all(len(piece) <= 75 and piece.decode() is not None for piece in pieces)


def test_a_hostile_file_takes_no_more_time_than_its_size() -> None:
    """A megabyte of line breaks, of open components, of folds."""
    for filler in (
        b"\r\n" * 500_000,
        b"BEGIN:X\r\n" * 100_000,
        b"B\r\n " * 250_000,
        b"UID:\r\n \r\n" * 100_000,
    ):
        content = b"BEGIN:VCALENDAR\r\n" + filler + b"\r\nEND:VCALENDAR\r\n"
        try:
            after = apply(content, [PUT], "a.ics")
        except InvalidFile:
            continue
        assert after is not None
        assert len(after) == len(content) + len(event(UID))
