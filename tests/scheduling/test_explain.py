"""`why` agrees with availability: the same slots and accounts, and a reason for every refusal."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.examples import scaled
from support.uids import own_uid

from gbook.engine.quorum import Member, available
from gbook.engine.relaxations import blocked, relaxations
from gbook.profiles.hours import parse_hours
from gbook.profiles.model import Group, Profile
from gbook.scheduling.availability import Query, ask
from gbook.scheduling.explain import explain, summarize
from gbook.scheduling.suggestions import suggest
from gbook.timeutil.instants import MINUTE, format_instant, parse_instant
from gbook.timeutil.repeats import Repeat
from gbook.timeutil.zones import find_zone
from gbook.workspace.calendar_ref import CalendarRef
from gbook.workspace.config import Account, Config
from gbook.workspace.work_hours import WorkHours
from gbook.workspace.workspace import Workspace

UTC = find_zone("UTC")
NOW = parse_instant("2026-11-23T08:00:00Z", UTC)
TUESDAY = parse_instant("2026-11-24T00:00:00Z", UTC)
NAMES = ("alice", "bob", "carol")
HOURS = WorkHours(timezone="UTC", day_schedules=parse_hours(["tue 09:00-12:00,13:00-17:00"]))


def stamp(instant: int) -> str:
    return format_instant(instant).replace("-", "").replace(":", "")


def event(start: int, end: int, *more: str) -> str:
    """Return a VEVENT; times are minutes of Tuesday."""
    first, last = (stamp(TUESDAY + minutes * MINUTE) for minutes in (start, end))
    uid = own_uid((start, end))
    lines = ["BEGIN:VEVENT", f"UID:{uid}", f"DTSTART:{first}", f"DTEND:{last}", *more, "END:VEVENT"]
    return "\r\n".join(lines)


def workspace(folder: Path, events: dict[str, list[str]], **account: Any) -> Workspace:
    """Write a workspace of alice, bob and carol, each with a calendar; `account` has more keys of bob."""
    accounts = []
    for name in NAMES:
        lines = [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//test",
            *events.get(name, []),
            "END:VCALENDAR",
            "",
        ]
        (folder / f"{name}.ics").write_text("\r\n".join(lines), encoding="utf-8", newline="")
        fields: dict[str, Any] = {"calendars": (CalendarRef(path=f"{name}.ics"),)}
        fields |= account if name == "bob" else {}
        accounts.append(Account(id=name, email=f"{name}@example.com", **fields))
    return Workspace(folder, Config(timezone="UTC", accounts=tuple(accounts)))


def profile(**fields: Any) -> Profile:
    """Return a profile with slots of half an hour on Tuesday, every half hour."""
    defaults: dict[str, Any] = {
        "name": "demo",
        "work_hours": HOURS,
        "accounts": NAMES,
        "time_available_for": "P6D",
    }
    return Profile(**defaults | fields)


def reasons(place: Workspace, start: str, name: str = "bob", **fields: Any) -> list[tuple[str, str]]:
    """Return the codes and messages of an account, for a time on Tuesday such as 09:00."""
    instant = parse_instant(start if "T" in start else f"2026-11-24T{start}", UTC)
    why = explain(place, Query(profile=profile(**fields), now=NOW), instant, UTC)
    return [
        (reason.code, reason.message)
        for member in why.members
        for account in member.accounts
        if account.account_id == name
        for reason in account.reasons
    ]


minutes = st.integers(8 * 60, 18 * 60)
busy = st.dictionaries(
    st.sampled_from(NAMES), st.lists(st.tuples(minutes, st.integers(0, 120)), max_size=5), max_size=3
)


@settings(max_examples=scaled(60), deadline=None)
@given(
    busy=busy,
    starts=st.lists(st.integers(7 * 60, 19 * 60), min_size=5, max_size=10),
    buffers=st.tuples(st.sampled_from([0, 10, 30]), st.sampled_from([0, 15])),
    required=st.sampled_from(["one", "all", 2]),
    grouped=st.booleans(),
    own_hours=st.booleans(),
    broken=st.booleans(),
    ours=st.booleans(),
)
@example(
    busy={"alice": [(526, 0)]},
    starts=[420, 540],
    buffers=(0, 15),
    required="one",
    grouped=False,
    own_hours=False,
    broken=False,
    ours=True,
)
def test_why_and_availability_never_differ(
    busy: dict[str, list[tuple[int, int]]],
    starts: list[int],
    buffers: tuple[int, int],
    required: Any,
    grouped: bool,
    own_hours: bool,
    broken: bool,
    ours: bool,
) -> None:
    """A slot is available to `why` if and only if availability lists it, an account if and only if its mask
    has it; whatever is not available has a reason, and what is has none.
    """
    own = [f"X-GBOOK-PROFILE:demo\r\nX-GBOOK-HOST:{name}" if ours else "SUMMARY:x" for name in NAMES]
    events = {
        name: [event(start, start + length, own[NAMES.index(name)]) for start, length in times]
        for name, times in busy.items()
    }
    fields: dict[str, Any] = {"work_hours": WorkHours(day_schedules=parse_hours(["tue 10:00-14:30"]))}
    members: dict[str, Any] = {"accounts": ("alice",), "groups": (Group(ext_id="g", account_ids=NAMES[1:]),)}
    with TemporaryDirectory() as folder:
        place = workspace(Path(folder), events, **(fields if own_hours else {}))
        if broken:
            (Path(folder) / "carol.ics").unlink()
        query = Query(
            profile=profile(
                buffer_before_minutes=buffers[0],
                buffer_between_minutes=buffers[1],
                max_bookings_per_day=2,
                **(members if grouped else {}),
            ),
            now=NOW,
            required=required,
        )
        answer = ask(place, query)
        listed = {slot.start for slot in answer.slots}
        for start in (TUESDAY + 60 * (m if n % 2 else m // 30 * 30) for n, m in enumerate(starts)):
            why = explain(place, query, start, UTC)
            assert why.available == (start in listed)
            candidates = answer.candidates.starts
            position = candidates.index(start) if start in candidates else None
            assert (position is None) == bool(why.rules)
            for member in why.members:
                mask = available(member.member, answer.free, answer.candidates.all)
                assert member.available == (position is not None and bool(mask >> position & 1))
                for account in member.accounts:
                    free = position is not None and answer.free[account.account_id] >> position & 1
                    assert account.available == bool(free) == (not account.reasons)


def test_every_blocking_event_is_a_reason(tmp_path: Path) -> None:
    """A blocking event is named with time, subject and calendar; one that only touches is not."""
    place = workspace(
        tmp_path,
        {
            "bob": [
                event(540, 600, "SUMMARY:Board meeting"),
                event(570, 585, "SUMMARY:Standup\\, daily"),
                event(540, 600, "SUMMARY:lunch", "TRANSP:TRANSPARENT"),
                event(600, 660, "SUMMARY:next"),
                event(480, 540, "SUMMARY:before"),
            ]
        },
    )
    assert reasons(place, "09:30") == [
        ("busy", "busy 09:00–10:00 (Board meeting, bob.ics)"),
        ("busy", "busy 09:30–09:45 (Standup, daily, bob.ics)"),
    ]
    assert reasons(place, "09:30", "alice") == []


@pytest.mark.parametrize("kind", ["PRIVATE", "CONFIDENTIAL", "private"])
def test_a_private_event_keeps_its_subject(tmp_path: Path, kind: str) -> None:
    """RFC 5545 §3.8.1.3; the same holds for the short answer of a failed booking."""
    place = workspace(tmp_path, {"bob": [event(540, 600, "SUMMARY:doctor", f"CLASS:{kind}")]})
    assert reasons(place, "09:00") == [("busy", "busy 09:00–10:00 (private event, bob.ics)")]
    query = Query(profile=profile(), now=NOW, required="all", low=TUESDAY + 9 * 3600, high=TUESDAY + 34200)
    short = summarize(place, ask(place, query), TUESDAY + 9 * 3600, UTC)
    assert short == ("bob: busy 09:00–10:00 (private event, bob.ics)")


def test_an_event_beside_the_slot_is_in_its_buffer(tmp_path: Path) -> None:
    """It has another code than an event in the slot itself."""
    place = workspace(tmp_path, {"bob": [event(545, 555, "SUMMARY:a"), event(615, 660, "SUMMARY:b")]})
    fields: dict[str, Any] = {"buffer_before_minutes": 20, "buffer_between_minutes": 30}
    assert reasons(place, "09:30", **fields) == [
        (
            "buffer",
            "busy 09:05–09:15, within the 20 minutes before the meeting that must be free (a, bob.ics)",
        ),
        (
            "buffer",
            "busy 10:15–11:00, within the 30 minutes after the meeting that must be free (b, bob.ics)",
        ),
    ]
    assert reasons(place, "09:30") == []


@pytest.mark.parametrize(
    ("start", "code", "message"),
    [
        ("2026-11-22T10:00", "past", "it is in the past"),
        ("2026-11-23T08:30", "notice", "it is less than 60 minutes from now, the profile's minimum notice"),
        ("2026-12-01T10:00", "period", "the profile's period ends Sun 29 Nov 2026 08:00"),
        ("2026-11-25T10:00", "closed", "the profile has no hours on Wed 25 Nov 2026"),
        ("12:30", "closed", "it is outside the profile's hours (09:00–12:00, 13:00–17:00)"),
        ("11:45", "closed", "it is outside the profile's hours (09:00–12:00, 13:00–17:00)"),
        ("09:10", "off_grid", "no slot starts at that time: slots start at 09:00 and 09:30"),
        ("14:00:01", "off_grid", "no slot starts at that time: slots start at 14:00 and 14:30"),
    ],
)
def test_the_profiles_rules_forbid_everybody(tmp_path: Path, start: str, code: str, message: str) -> None:
    """Each rule has its code; an account's own reasons come after the rules."""
    place = workspace(tmp_path, {"bob": [event(540, 1020, "SUMMARY:away")]})
    assert (code, message) in reasons(place, start)
    assert (code, message) in reasons(place, start, "alice")
    if start in ("12:30", "09:10"):
        assert reasons(place, start)[-1] == ("busy", "busy 09:00–17:00 (away, bob.ics)")


def test_events_are_reasons_beside_a_rule_of_the_profile(tmp_path: Path) -> None:
    """The calendars are read even far outside the period."""
    year = "RRULE:FREQ=DAILY"
    place = workspace(tmp_path, {"bob": [event(540, 1020, "SUMMARY:away", year)]})
    codes = [code for code, _ in reasons(place, "2027-11-30T10:00")]
    assert codes == ["period", "busy"]


def test_the_reason_of_own_hours_names_those_of_the_day(tmp_path: Path) -> None:
    """Times are in the zone shown, whatever zone the file has."""
    hours = WorkHours(timezone="Europe/Berlin", day_schedules=parse_hours(["tue 09:00-12:00"]))
    place = workspace(tmp_path, {}, work_hours=hours)
    assert reasons(place, "11:00") == [("own_hours", "outside own work hours (08:00–11:00)")]
    never = msgspec.structs.replace(hours, day_schedules=())
    assert reasons(workspace(tmp_path, {}, work_hours=never), "11:00") == [
        ("own_hours", "no own work hours that day")
    ]


def test_an_unreadable_calendar_is_a_reason(tmp_path: Path) -> None:
    """The events of its other calendars are named too; an account without a calendar is never free."""
    place = workspace(
        tmp_path,
        {"alice": [event(540, 600, "SUMMARY:shared")]},
        calendars=(CalendarRef(path="gone.ics"), CalendarRef(path="alice.ics")),
    )
    (code, message), busy = reasons(place, "09:00")
    assert (code, message) == ("unreadable", "gone.ics: cannot be read: No such file or directory")
    assert busy == ("busy", "busy 09:00–10:00 (shared, alice.ics)")
    assert reasons(workspace(tmp_path, {}, calendars=()), "09:00") == [("no_calendar", "has no calendar")]


def test_a_full_day_is_a_reason(tmp_path: Path) -> None:
    """maxBookingsPerDay counts the bookings of this profile and this account."""
    ours = ["X-GBOOK-PROFILE:demo", "X-GBOOK-HOST:bob", "SUMMARY:Demo"]
    place = workspace(tmp_path, {"bob": [event(540, 570, *ours), event(600, 630, *ours)]})
    full = "has 2 bookings of profile demo on Tue 24 Nov 2026; maxBookingsPerDay is 2"
    assert reasons(place, "14:00", max_bookings_per_day=2) == [("cap", full)]
    assert reasons(place, "10:00", max_bookings_per_day=2) == [
        ("cap", full),
        ("busy", "busy 10:00–10:30 (Demo, bob.ics)"),
    ]


def test_a_reservation_is_a_reason_until_it_expires(tmp_path: Path) -> None:
    """Reservations expire by the time of the question."""
    for expires, count in (("20261123T090000Z", 1), ("20261123T070000Z", 0)):
        ours = ["X-GBOOK-PROFILE:demo", "X-GBOOK-HOST:bob", f"X-GBOOK-EXPIRES:{expires}", "STATUS:TENTATIVE"]
        assert len(reasons(workspace(tmp_path, {"bob": [event(540, 570, *ours)]}), "09:00")) == count


@pytest.mark.parametrize(
    ("span", "words"),
    [
        ((0, 1440), "busy all day"),
        ((-1440, 2 * 1440), "busy 23 Nov – 25 Nov 2026"),
        ((-60, 600), "busy Mon 23 Nov 2026 23:00–10:00 Tue"),
        ((540, 1500), "busy 09:00–01:00 Wed"),
    ],
)
def test_an_event_of_other_days_says_which(tmp_path: Path, span: tuple[int, int], words: str) -> None:
    """A time of another day has its date."""
    assert reasons(workspace(tmp_path, {"bob": [event(*span)]}), "09:30") == [("busy", f"{words} (bob.ics)")]


def test_a_rule_too_dense_to_walk_is_a_reason(tmp_path: Path) -> None:
    """It blocks from its start on."""
    place = workspace(tmp_path, {"bob": [event(-1440, -1439, "RRULE:FREQ=SECONDLY", "SUMMARY:tick")]})
    assert reasons(place, "09:30") == [("busy", "busy from Mon 23 Nov 2026 on (tick, bob.ics)")]


def test_a_long_subject_is_shortened_in_words_only(tmp_path: Path) -> None:
    """The JSON document has the whole subject."""
    place = workspace(tmp_path, {"bob": [event(540, 600, f"SUMMARY:{'x' * 500}")]})
    query = Query(profile=profile(accounts=("bob",)), now=NOW)
    why = explain(place, query, TUESDAY + 9 * 3600, UTC)
    (reason,) = why.members[0].accounts[0].reasons
    assert len(reason.message) < 120
    assert reason.subject == "x" * 500


masks = st.integers(0, 2**12 - 1)


@given(
    free=st.fixed_dictionaries(dict.fromkeys("abcdef", masks)),
    required=st.sampled_from(["one", "all", 2, 3, 5]),
    of_group=st.sampled_from(["one", "all", 2]),
)
def test_a_relaxation_gives_the_slots_that_it_names(
    free: dict[str, int], required: Any, of_group: Any
) -> None:
    """Asked again with the change, there are those slots more, found the slow way; nothing that gives no slot
    is named.
    """
    everything = 2**12 - 1
    members = [Member(("a",)), Member(("b",)), Member(("c", "d", "e"), "g", of_group), Member(("f",))]

    def slots(members: list[Member], required: Any) -> int:
        count = {"one": 1, "all": len(members)}.get(required, required)
        found = 0
        for chosen in combinations(members, min(count, 99)):
            together = everything
            for member in chosen:
                together &= available(member, free, everything)
            found |= together
        return found

    before = slots(members, required)
    for relief in relaxations(members, free, required, everything):
        assert relief.mask
        assert not relief.mask & before
        changed, asked = list(members), required
        if relief.group and relief.without:
            rest = tuple(account for account in "cde" if account not in relief.without)
            changed[2] = Member(rest, "g", "all")
        elif relief.group:
            changed[2] = msgspec.structs.replace(members[2], required=relief.enough)
        elif relief.without:
            changed = [member for member in members if member.id not in relief.without]
            asked = "all"
        else:
            asked = relief.enough
        assert slots(changed, asked) & ~before == relief.mask


def test_the_account_that_is_least_often_free_comes_first() -> None:
    """Each account is counted once, over all possible slots."""
    members = [Member(("a",)), Member(("b", "a"), "g", "one")]
    assert list(blocked(members, {"a": 0b110, "b": 0b100}, 0b111).items()) == [("b", 2), ("a", 1)]


def suggestions(place: Workspace, **fields: Any) -> dict[str, int]:
    query = Query(profile=profile(**fields), now=NOW, required="all")
    answer = ask(place, query)
    assert len({slot.start for slot in answer.slots}) == len(answer.slots)
    return {item.change: item.slots for item in suggest(place, answer)}


def test_the_slots_of_each_suggestion_are_counted(tmp_path: Path) -> None:
    """Each change is tried; the most effective comes first, and one without effect is left out."""
    place = workspace(
        tmp_path,
        {"bob": [event(540, 1020, "SUMMARY:away")], "alice": [event(540, 960)]},
    )
    counts = suggestions(place)
    assert list(counts.items()) == [
        ("with timeAvailableFor P12D", 14),
        ("without bob", 2),
        ("with any 2 of 3 members (--required 2)", 2),
    ]


def test_a_shorter_meeting_may_fit(tmp_path: Path) -> None:
    """The longest shorter meeting that has slots is suggested, and no buffers if they are in the way."""
    gaps = [event(start, start + 40) for start in range(540, 1020, 60)]
    place = workspace(tmp_path, {"bob": gaps})
    counts = suggestions(place, availability_step=20)
    assert counts["with 20 minutes instead of 30"] == 7
    assert "with 15 minutes instead of 30" not in counts


def test_the_buffers_may_be_in_the_way(tmp_path: Path) -> None:
    """The suggestion without buffers says how many slots they cost."""
    place = workspace(tmp_path, {"bob": [event(start, start + 30) for start in range(570, 1020, 60)]})
    assert suggestions(place, buffer_before_minutes=10)["without the buffers"] == 6


def test_a_suggestion_gives_the_slots_that_it_names(tmp_path: Path) -> None:
    """The same query without bob gives this number of slots."""
    place = workspace(tmp_path, {"bob": [event(540, 1020)]})
    slots = suggestions(place)["without bob"]
    query = Query(profile=profile(accounts=("alice", "carol")), now=NOW, required="all")
    assert len(ask(place, query).slots) == slots == 14


def test_an_account_whose_calendar_is_readonly_is_never_free(tmp_path: Path) -> None:
    """No copy can be written there, which is the reason at any time; other rules cannot help."""
    calendar = CalendarRef(path="bob.ics", readonly=True)
    place = workspace(tmp_path, {}, calendars=(calendar,))
    assert [code for code, _ in reasons(place, "10:00")] == ["readonly"]
    weekly = Query(profile=profile(), now=NOW, repeat=Repeat("weekly", 2))
    why = explain(place, weekly, parse_instant("2026-11-24T10:00", UTC), UTC)
    assert {reason.code for reason in why.members[1].accounts[0].reasons} >= {"readonly"}
    assert suggestions(place) == {"without bob": 14, "with any 2 of 3 members (--required 2)": 14}


def test_a_suggestion_has_a_host(tmp_path: Path) -> None:
    """Rooms alone cannot meet, however short the meeting is."""
    place = workspace(tmp_path, {}, kind="room")
    assert suggestions(place, accounts=("bob",)) == {}
