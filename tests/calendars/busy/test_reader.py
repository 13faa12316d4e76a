"""From bytes to busy time: what is said, what is warned of, what is kept for the next time."""

from __future__ import annotations

import pytest
from support.ics import EMAIL, clipped, codes, instant, said, shown, vcalendar, vevent

from gbook.calendars.busy.cached import ReadOptions, SeriesBusy
from gbook.calendars.busy.events import read_own_booking
from gbook.calendars.busy.reader import read_busy, read_file

DAY = "2026-11-24"
LOW, HIGH = instant("2026-11-23"), instant("2026-11-30")
VIEW = ReadOptions(EMAIL, "Europe/Berlin")
SERIES = vevent("UID:s", "DTSTART:20201124T090000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY")
MOVED = vevent("UID:s", "RECURRENCE-ID:20261124T090000Z", "DTSTART:20261124T120000Z", "DURATION:PT1H")


class TestKnownSeries:
    """A series that was expanded before need not be expanded again."""

    def test_a_series_of_the_same_bytes_is_reused(self) -> None:
        """What the cache knows of a series counts as long as its bytes are the same."""
        first = read_busy(vcalendar(SERIES), VIEW, LOW, HIGH)
        (digest,) = first.series
        told = {digest: SeriesBusy([(LOW, LOW + 60)], [("dense_rule", "x")])}
        again = read_busy(
            vcalendar("X-NOTE:1", vevent("DTSTART:20261201T090000Z"), SERIES), VIEW, LOW, HIGH, told
        )
        assert list(again.busy) == [(LOW, LOW + 60)]
        assert codes(again.diagnostics) == ["dense_rule"]

    def test_a_series_of_other_bytes_is_read_again(self) -> None:
        """Another rule, override or zone."""
        zone = "BEGIN:VTIMEZONE\r\nTZID:X\r\nEND:VTIMEZONE"
        variants = [
            (SERIES,),
            (SERIES.replace("PT1H", "PT2H"),),
            (SERIES, MOVED),
            (zone, SERIES),
            ("X-WR-TIMEZONE:Asia/Tokyo", SERIES),
        ]
        digests = [next(iter(read_busy(vcalendar(*parts), VIEW, LOW, HIGH).series)) for parts in variants]
        assert len(set(digests)) == len(variants)

    def test_warnings_are_known_too(self) -> None:
        """What was wrong with a series is told again, with the line that it has now."""
        bad = SERIES.replace("FREQ=DAILY", "FREQ=NEVER")
        first = read_busy(vcalendar(bad), VIEW, LOW, HIGH)
        again = read_busy(vcalendar("X-A:1", bad), VIEW, LOW, HIGH, first.series)
        assert [note.message for note in again.diagnostics] == [note.message for note in first.diagnostics]
        assert [note.line for note in again.diagnostics] == [4]


class TestNotes:
    """Nothing is dropped in silence, and nothing is said twice."""

    def test_each_fault_is_one_warning(self) -> None:
        """The valid events are all read."""
        data = vcalendar(
            vevent("DTSTART:20261124T060000Z", "DURATION:PT1H"),
            vevent("DTSTART:x", "DTEND:20261124T010000Z"),
            vevent("DTSTART;TZID=Middle/Earth:20261124T090000", "DTEND;TZID=Middle/Earth:20261124T100000"),
            vevent("DTSTART:20261124T220000Z", "DTEND:x"),
            vevent("DTSTART:20201124T150000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY", "EXDATE:x"),
            vevent("DTSTART:20261124T180000Z", "DURATION:PT1H"),
        )
        found = said(data, DAY)
        hours = [f"11-24 {h:02}:00–{h + 1:02}:00" for h in (0, 6, 8, 15, 18)]
        assert clipped(found, DAY, "2026-11-26") == [*hours, "11-24 22:00–11-25 22:00"]
        assert sorted(codes(found.diagnostics)) == ["malformed_event"] * 3 + ["unknown_zone"]

    def test_far_from_the_window(self) -> None:
        """What is wrong with an event of last year is no news today."""
        assert said(vevent("DTSTART:20251124T090000Z", "DTEND:20251124T080000Z"), DAY).diagnostics == []


class TestVersions:
    """The same UID, and RECURRENCE-ID, more than once."""

    OLD = vevent("UID:v", "DTSTART:20261124T060000Z", "DURATION:PT1H", "SEQUENCE:1")
    NEW = vevent("UID:v", "DTSTART:20261124T090000Z", "DURATION:PT1H", "SEQUENCE:2")

    def test_the_highest_sequence_of_an_event_counts(self) -> None:
        """In any order; SEQUENCE is 0 by default (§3.8.7.4)."""
        first = self.OLD.replace("\r\nSEQUENCE:1", "")
        for parts in ((self.OLD, self.NEW), (self.NEW, self.OLD), (first, self.OLD, self.NEW)):
            assert shown(said(vcalendar(*parts), DAY)) == ["11-24 09:00–10:00"]

    def test_far_from_the_window(self) -> None:
        """A newer version counts also where the event has been moved far away."""
        data = vcalendar(self.OLD, self.NEW.replace("20261124", "20300101"))
        assert shown(said(data, DAY)) == []

    @pytest.mark.parametrize("sequence", ["SEQUENCE:1", "SEQUENCE:x"])
    def test_that_do_not_differ(self, sequence: str) -> None:
        """Where SEQUENCE does not tell which is newer, both block."""
        data = vcalendar(self.OLD, self.NEW.replace("SEQUENCE:2", sequence))
        assert shown(said(data, DAY)) == ["11-24 06:00–07:00", "11-24 09:00–10:00"]

    def test_the_highest_sequence_of_an_override_counts(self) -> None:
        """Other overrides are not affected."""
        newer = MOVED.replace("T12", "T15").replace("UID:s", "UID:s\r\nSEQUENCE:3")
        other = MOVED.replace("T09", "T10").replace("T12", "T18")
        data = vcalendar(newer, SERIES, MOVED, other)
        assert shown(said(data, DAY)) == ["11-24 15:00–16:00", "11-24 18:00–19:00"]

    def test_a_changed_series_keeps_its_overrides(self) -> None:
        """Those with the same UID."""
        newer = SERIES.replace("T09", "T10").replace("UID:s", "UID:s\r\nSEQUENCE:3")
        moved = MOVED.replace("RECURRENCE-ID:20261124T09", "RECURRENCE-ID:20261124T10")
        assert shown(said(vcalendar(SERIES, newer, moved), DAY)) == ["11-24 12:00–13:00"]

    def test_overrides_that_cannot_be_told_apart(self) -> None:
        """A RECURRENCE-ID that cannot be read names no instance: each such event stays."""
        bad = self.OLD.replace("UID:v", "UID:v\r\nRECURRENCE-ID:soon")
        data = vcalendar(bad, bad.replace("SEQUENCE:1\r\n", "SEQUENCE:2\r\n").replace("PT1H", "PT2H"))
        assert shown(said(data, DAY)) == ["11-24 06:00–08:00"]


class TestOccurrences:
    """All that happens, for those who want to see it."""

    def test_also_what_is_free(self) -> None:
        """Free events are instances like the others; each names the VEVENT that describes it."""
        free = vevent(
            "UID:f", "DTSTART:20261125T090000Z", "DURATION:PT1H", "TRANSP:TRANSPARENT", "SUMMARY:a\\, b"
        )
        file = read_file(vcalendar(SERIES, MOVED, free), VIEW, instant(DAY), instant("2026-11-26"))
        found = sorted((o.start, o.event.uid, o.event.text("SUMMARY")) for o in file.occurrences())
        assert found == [
            (instant("2026-11-24T12:00"), "s", ""),
            (instant("2026-11-25T09:00"), "f", "a, b"),
            (instant("2026-11-25T09:00"), "s", ""),
        ]

    def test_edges_of_the_window(self) -> None:
        """The window is half-open: what ends as it begins, or begins as it ends, is outside."""
        before = vevent("DTSTART:20261123T230000Z", "DTEND:20261124T000000Z")
        after = vevent("DTSTART:20261125T000000Z", "DTEND:20261125T010000Z")
        across = vevent("DTSTART:20261124T235959Z", "DTEND:20261125T010000Z")
        file = read_file(vcalendar(before, after, across), VIEW, instant(DAY), instant("2026-11-25"))
        assert [o.end for o in file.occurrences()] == [instant("2026-11-25T01:00")]


class TestPublished:
    """A file of free/busy times alone tells nothing of what lies outside its bounds."""

    TOLD = "BEGIN:VFREEBUSY\r\nDTSTART:20261124T060000Z\r\nDTEND:20261124T180000Z\r\n{}END:VFREEBUSY"

    def test_time_outside_a_vfreebusy_is_busy(self) -> None:
        """With a warning."""
        found = said(self.TOLD.format("FREEBUSY:20261124T090000Z/PT1H\r\n"), DAY)
        assert shown(found) == ["11-24 00:00–06:00", "11-24 09:00–10:00", "11-24 18:00–11-25 00:00"]
        assert codes(found.diagnostics) == ["freebusy_ends"]

    @pytest.mark.parametrize(
        ("owners", "busy"),
        [
            (("ORGANIZER:mailto:ANN@example.com", "ORGANIZER:mailto:bob@example.com"), ["09:00–10:00"]),
            (("ATTENDEE:mailto:ann@example.com", "ORGANIZER:mailto:bob@example.com"), ["09:00–10:00"]),
            (
                ("ORGANIZER:mailto:ann@example.com\r\nATTENDEE:mailto:bob@example.com", "X-NOBODY:x"),
                ["09:00–10:00", "12:00–13:00"],
            ),
            (("ORGANIZER:mailto:ann@example.com", "X-NOBODY:x"), ["09:00–10:00", "12:00–13:00"]),
        ],
    )
    def test_only_the_time_of_its_owner(self, owners: tuple[str, str], busy: list[str]) -> None:
        """One file may have the time of a team; components that name nobody, or only others, all count."""
        hours = ("FREEBUSY:20261124T090000Z/PT1H", "FREEBUSY:20261124T120000Z/PT1H")
        parts = [
            f"BEGIN:VFREEBUSY\r\n{owner}\r\n{hour}\r\nEND:VFREEBUSY"
            for owner, hour in zip(owners, hours, strict=True)
        ]
        view = ReadOptions("ann@example.com", "UTC")
        found = read_busy(vcalendar(*parts), view, instant(DAY), instant("2026-11-25"))
        assert shown(found) == [f"11-24 {hours}" for hours in busy]

    def test_a_vfreebusy_beside_events_only_adds_busy_time(self) -> None:
        """Time outside its bounds is not busy then."""
        data = vcalendar(
            self.TOLD.format("FREEBUSY:20261124T090000Z/PT1H\r\n"), SERIES.replace("09", "15", 1)
        )
        assert "11-24 00:00–06:00" not in shown(said(data, DAY))


def test_reading_twice_gives_the_same_faults() -> None:
    """No reader adds to what another has read: each of its calls returns the same values and faults."""
    series = vevent(
        *("UID:s", "DTSTART:20261124T090000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;X-A=1"),
        *("EXDATE:never", "EXRULE:FREQ=NEVER", "RDATE:20261201T090000Z/20261201T080000Z"),
    )
    reservation = vevent(
        *("UID:00000000-0000-4000-8000-000000000001@gbook", "DTSTART:20261124T120000Z", "DURATION:PT1H"),
        *("X-GBOOK-PROFILE:demo", "X-GBOOK-EXPIRES:soon"),
    )
    busy = "BEGIN:VFREEBUSY\r\nFREEBUSY:soon\r\nEND:VFREEBUSY"
    file = read_file(vcalendar(series, reservation, busy), VIEW, instant(DAY), instant("2026-11-26"))
    (repeated,), (own,) = file.series, file.singles
    for read in (
        lambda: file.expand(repeated),
        lambda: read_own_booking(own, VIEW.policy, VIEW.email),
        lambda: file.freebusy(),
        lambda: ([], file.diagnostics),
    ):
        first, again = read(), read()
        assert first == again
    assert len(file.expand(repeated)[1]) == 4
    assert read_own_booking(own, VIEW.policy, VIEW.email)[1] == [
        "X-GBOOK-EXPIRES cannot be read ('soon' is not a valid date or date-time): "
        "the reservation does not expire"
    ]
