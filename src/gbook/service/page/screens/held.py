"""The page of a time that is held: for whom it waits, until when, and how the guest gives it back."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from functools import partial
from urllib.parse import quote

import gbook
from gbook.service.operations.guest_requests import asked_with, awaits_mail, was_asked_for
from gbook.service.operations.moves import record_of_token
from gbook.service.operations.notifications import ask_to_confirm, require_mailed_links
from gbook.service.operations.reservations import drop
from gbook.service.page.views.bookings import (
    embed_of_booking,
    facts_of_booking,
    find_booking,
    guest_zone,
    other_clock,
    profile_of_record,
    times_for_new,
)
from gbook.service.page.web.answers import Answer, Page, Redirect
from gbook.service.page.web.links import booking_link, record_link
from gbook.service.page.web.visit import Visit
from gbook.service.problems import ApiError
from gbook.workspace.tokens import OfferTokens, RescheduleTokens

__all__ = ["chosen_instead", "held_page", "release_time", "send_mail_again"]


class Waits(Enum):
    """Who has to confirm a time that is held."""

    # By the link in a mail.
    GUEST = "guest"
    HOST = "host"
    # Another person, who has reserved it.
    OTHER = "other"


def held_page(visit: Visit, record: gbook.Record, token: str) -> Answer:
    """Show a reservation, expired or not, with the other times that were asked for with it.

    If the host has proposed it, its page is that of the offer.
    """
    if record.proposal and not was_asked_for(record):
        offer = OfferTokens(visit.call.workspace).of(record.proposal)
        return Redirect(visit.elsewhere(f"/b/offer/{quote(offer)}"))
    profile, zone = profile_of_record(visit.call, record), guest_zone(visit, record)
    values = {
        "facts": facts_of_booking(visit, record),
        "waits": _waits(profile, record).value,
        "is_held": record.holds(visit.call.now),
        "until": record.expires,
        "times": [(each.start, each.end) for each in _held_with(visit, record)],
        "zone": zone,
        "host_zone": other_clock(visit, record.profile, zone, record.start),
        "email": record.guest.email,
        "mailed": visit.call.workspace.config.mail is not None,
        "link_to": partial(booking_link, visit, token),
        "again": times_for_new(visit, record),
    }
    return Page("held.html", values, embed=embed_of_booking(visit, record), private=True)


def release_time(visit: Visit) -> Answer:
    """Release a time that is held, and those that were asked for with it; of one that is booked, show it.

    What is held no more has the same answer: the button may be pressed twice.
    """
    token = visit.call.path["token"]
    record = find_booking(visit, token)
    if record is None:
        return chosen_instead(visit, token) or Page("released.html", {"again": None}, private=True)
    if not record.is_reservation:
        return Redirect(booking_link(visit, token))
    try:
        drop(visit.call, _held_with(visit, record))
    except ApiError as error:
        if error.status != 404:
            raise
        return Redirect(booking_link(visit, token))  # confirmed or released by another request meanwhile
    values = {"again": times_for_new(visit, record)}
    return Page("released.html", values, embed=embed_of_booking(visit, record), private=True)


def send_mail_again(visit: Visit) -> Answer:
    """Send the mail once more by which a guest confirms. It counts as a booking for the guest's network."""
    token = visit.call.path["token"]
    record = record_of_token(visit.call, token)
    if record.holds(visit.call.now) and awaits_mail(profile_of_record(visit.call, record), record):
        require_mailed_links(visit.call)
        visit.call.allowance.require()
        visit.call.allowance.use()
        ask_to_confirm(visit.call, record)
    return Redirect(booking_link(visit, token))


def chosen_instead(visit: Visit, token: str) -> Redirect | None:
    """Return the address of the booking that was made instead of a time that was asked for with it.

    None if the token is that of no such time.
    """
    tokens = RescheduleTokens(visit.call.workspace)
    for record in gbook.read_records(visit.call.workspace, use_cache=True)[0]:
        if any(tokens.is_for(token, uid) for uid in asked_with(record)) and not record.is_reservation:
            return Redirect(record_link(visit, record))
    return None


def _waits(profile: gbook.Profile | None, record: gbook.Record) -> Waits:
    if was_asked_for(record) or (profile is not None and profile.several):
        return Waits.HOST
    return Waits.GUEST if awaits_mail(profile, record) else Waits.OTHER


def _held_with(visit: Visit, record: gbook.Record) -> Sequence[gbook.Record]:
    """Return the reservation and those that were asked for with it, in order of time."""
    if not was_asked_for(record):
        return [record]
    records = gbook.read_records(visit.call.workspace, use_cache=True)[0]
    return [each for each in records if each.proposal == record.proposal and each.is_reservation]
