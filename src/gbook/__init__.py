"""gbook: group booking over calendars in files and on servers.

This module is the public API, which the command line uses as well. Its names are imported from their modules
when they are first used, so that a program loads only what it needs. Instants are integers of UTC seconds.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gbook.bookings.book import book, draft_for, judge, record_of
    from gbook.bookings.cancel import cancellation, dropping
    from gbook.bookings.confirm import GuestDetails, confirmation
    from gbook.bookings.confirmation_request import send_confirmation_request
    from gbook.bookings.context import BookingContext
    from gbook.bookings.counter import CounterProposal, accepting, proposed_date, take_counter
    from gbook.bookings.counter_refusal import refusal_message, send_refusal
    from gbook.bookings.email import send_invitation
    from gbook.bookings.event import Draft, Guest, key_uid
    from gbook.bookings.event_profile import event_profile
    from gbook.bookings.guests import adding_guest, changing_guest, removing_guest
    from gbook.bookings.hooks import Hook, run_post_hook, run_pre_book
    from gbook.bookings.idempotency import Unfinished, known_booking
    from gbook.bookings.invitation import invitation_for, publication_of
    from gbook.bookings.invitation_file import InvitationFile
    from gbook.bookings.links import GuestLinks
    from gbook.bookings.mail_server import mail_settings
    from gbook.bookings.notify import NotifyOptions, NotifyResult, mailed_to, message_of, notify_guests
    from gbook.bookings.participants import copies_left, declined_accounts
    from gbook.bookings.proposal import preview_proposal, propose
    from gbook.bookings.proposal_email import send_proposal
    from gbook.bookings.received import Counter, Reply, read_reply
    from gbook.bookings.record import Record
    from gbook.bookings.records import find_record, known_records, read_records, search_records
    from gbook.bookings.removal import Removal, affected_bookings
    from gbook.bookings.repair import differences, repairing
    from gbook.bookings.reply import NotInvited, answered_parts, attributed, take_reply
    from gbook.bookings.request import BookingRequest
    from gbook.bookings.reschedule import NewSlot, move_request, rescheduling, slots_to_move
    from gbook.bookings.revision import (
        Plan,
        find_booking,
        find_either,
        find_reservation,
        out_of_reach,
        preview,
        preview_all,
        revise,
        revise_all,
    )
    from gbook.bookings.series_change import date_on, part_of_series
    from gbook.bookings.session_cancel import session_cancellation
    from gbook.bookings.session_records import counted_seats, with_seats_left
    from gbook.errors import GbookError, Warn
    from gbook.profiles.model import Profile
    from gbook.profiles.store import ProfileStore
    from gbook.scheduling.account_time import Exemptions, load_accounts
    from gbook.scheduling.agenda import read_agenda
    from gbook.scheduling.assignment import assign
    from gbook.scheduling.availability import Answer, Query, ask, chosen_members
    from gbook.scheduling.explain import explain
    from gbook.scheduling.masks import find_candidates
    from gbook.scheduling.obstacles import find_obstacles
    from gbook.scheduling.open_days import NoTimes, OpenDay, open_days
    from gbook.scheduling.preferences import RankedSlot, rank
    from gbook.scheduling.suggestions import suggest
    from gbook.scheduling.unavailable import KeyTaken, NotAsked, Refused, SlotUnavailable, SlotUnknown
    from gbook.scheduling.zones import profile_zone, shared_zone
    from gbook.text import one_line
    from gbook.timeutil.instants import format_instant, parse_instant
    from gbook.timeutil.repeats import Repeat
    from gbook.workspace.workspace import Workspace, open_workspace

__version__ = "0.1.0"
# PRODID (RFC 5545 §3.7.3) of each calendar that gbook makes, without a version: a release changes no file.
PRODID = "-//gbook//gbook//EN"

# Each public name and the module that defines it, for `__getattr__`.
HOMES = {
    "with_seats_left": "gbook.bookings.session_records",
    "assign": "gbook.scheduling.assignment",
    "judge": "gbook.bookings.book",
    "Answer": "gbook.scheduling.availability",
    "BookingContext": "gbook.bookings.context",
    "BookingRequest": "gbook.bookings.request",
    "Counter": "gbook.bookings.received",
    "CounterProposal": "gbook.bookings.counter",
    "NotInvited": "gbook.bookings.reply",
    "Draft": "gbook.bookings.event",
    "GbookError": "gbook.errors",
    "Guest": "gbook.bookings.event",
    "GuestDetails": "gbook.bookings.confirm",
    "GuestLinks": "gbook.bookings.links",
    "Hook": "gbook.bookings.hooks",
    "InvitationFile": "gbook.bookings.invitation_file",
    "NewSlot": "gbook.bookings.reschedule",
    "NoTimes": "gbook.scheduling.open_days",
    "OpenDay": "gbook.scheduling.open_days",
    "NotifyOptions": "gbook.bookings.notify",
    "NotifyResult": "gbook.bookings.notify",
    "Plan": "gbook.bookings.revision",
    "Profile": "gbook.profiles.model",
    "ProfileStore": "gbook.profiles.store",
    "Query": "gbook.scheduling.availability",
    "Repeat": "gbook.timeutil.repeats",
    "RankedSlot": "gbook.scheduling.preferences",
    "Record": "gbook.bookings.record",
    "Reply": "gbook.bookings.received",
    "Removal": "gbook.bookings.removal",
    "KeyTaken": "gbook.scheduling.unavailable",
    "NotAsked": "gbook.scheduling.unavailable",
    "Refused": "gbook.scheduling.unavailable",
    "SlotUnavailable": "gbook.scheduling.unavailable",
    "SlotUnknown": "gbook.scheduling.unavailable",
    "Unfinished": "gbook.bookings.idempotency",
    "Warn": "gbook.errors",
    "Workspace": "gbook.workspace.workspace",
    "accepting": "gbook.bookings.counter",
    "adding_guest": "gbook.bookings.guests",
    "affected_bookings": "gbook.bookings.removal",
    "answered_parts": "gbook.bookings.reply",
    "ask": "gbook.scheduling.availability",
    "attributed": "gbook.bookings.reply",
    "book": "gbook.bookings.book",
    "cancellation": "gbook.bookings.cancel",
    "changing_guest": "gbook.bookings.guests",
    "confirmation": "gbook.bookings.confirm",
    "chosen_members": "gbook.scheduling.availability",
    "copies_left": "gbook.bookings.participants",
    "counted_seats": "gbook.bookings.session_records",
    "date_on": "gbook.bookings.series_change",
    "declined_accounts": "gbook.bookings.participants",
    "differences": "gbook.bookings.repair",
    "draft_for": "gbook.bookings.book",
    "dropping": "gbook.bookings.cancel",
    "event_profile": "gbook.bookings.event_profile",
    "explain": "gbook.scheduling.explain",
    "find_booking": "gbook.bookings.revision",
    "find_candidates": "gbook.scheduling.masks",
    "find_either": "gbook.bookings.revision",
    "find_obstacles": "gbook.scheduling.obstacles",
    "find_record": "gbook.bookings.records",
    "find_reservation": "gbook.bookings.revision",
    "format_instant": "gbook.timeutil.instants",
    "invitation_for": "gbook.bookings.invitation",
    "key_uid": "gbook.bookings.event",
    "publication_of": "gbook.bookings.invitation",
    "known_booking": "gbook.bookings.idempotency",
    "Exemptions": "gbook.scheduling.account_time",
    "known_records": "gbook.bookings.records",
    "load_accounts": "gbook.scheduling.account_time",
    "mail_settings": "gbook.bookings.mail_server",
    "mailed_to": "gbook.bookings.notify",
    "message_of": "gbook.bookings.notify",
    "move_request": "gbook.bookings.reschedule",
    "notify_guests": "gbook.bookings.notify",
    "one_line": "gbook.text",
    "open_days": "gbook.scheduling.open_days",
    "open_workspace": "gbook.workspace.workspace",
    "out_of_reach": "gbook.bookings.revision",
    "parse_instant": "gbook.timeutil.instants",
    "part_of_series": "gbook.bookings.series_change",
    "preview": "gbook.bookings.revision",
    "preview_all": "gbook.bookings.revision",
    "preview_proposal": "gbook.bookings.proposal",
    "profile_zone": "gbook.scheduling.zones",
    "proposed_date": "gbook.bookings.counter",
    "propose": "gbook.bookings.proposal",
    "rank": "gbook.scheduling.preferences",
    "read_agenda": "gbook.scheduling.agenda",
    "read_records": "gbook.bookings.records",
    "read_reply": "gbook.bookings.received",
    "record_of": "gbook.bookings.book",
    "refusal_message": "gbook.bookings.counter_refusal",
    "removing_guest": "gbook.bookings.guests",
    "repairing": "gbook.bookings.repair",
    "rescheduling": "gbook.bookings.reschedule",
    "revise": "gbook.bookings.revision",
    "revise_all": "gbook.bookings.revision",
    "run_post_hook": "gbook.bookings.hooks",
    "run_pre_book": "gbook.bookings.hooks",
    "search_records": "gbook.bookings.records",
    "send_confirmation_request": "gbook.bookings.confirmation_request",
    "send_invitation": "gbook.bookings.email",
    "send_proposal": "gbook.bookings.proposal_email",
    "send_refusal": "gbook.bookings.counter_refusal",
    "session_cancellation": "gbook.bookings.session_cancel",
    "shared_zone": "gbook.scheduling.zones",
    "slots_to_move": "gbook.bookings.reschedule",
    "suggest": "gbook.scheduling.suggestions",
    "take_counter": "gbook.bookings.counter",
    "take_reply": "gbook.bookings.reply",
}

__all__ = [
    "Answer",
    "BookingContext",
    "BookingRequest",
    "Counter",
    "CounterProposal",
    "Draft",
    "Exemptions",
    "GbookError",
    "Guest",
    "GuestDetails",
    "GuestLinks",
    "Hook",
    "InvitationFile",
    "KeyTaken",
    "NewSlot",
    "NoTimes",
    "NotAsked",
    "NotInvited",
    "NotifyOptions",
    "NotifyResult",
    "OpenDay",
    "Plan",
    "Profile",
    "ProfileStore",
    "Query",
    "RankedSlot",
    "Record",
    "Refused",
    "Removal",
    "Repeat",
    "Reply",
    "SlotUnavailable",
    "SlotUnknown",
    "Unfinished",
    "Warn",
    "Workspace",
    "accepting",
    "adding_guest",
    "affected_bookings",
    "answered_parts",
    "ask",
    "assign",
    "attributed",
    "book",
    "cancellation",
    "changing_guest",
    "chosen_members",
    "confirmation",
    "copies_left",
    "counted_seats",
    "date_on",
    "declined_accounts",
    "differences",
    "draft_for",
    "dropping",
    "event_profile",
    "explain",
    "find_booking",
    "find_candidates",
    "find_either",
    "find_obstacles",
    "find_record",
    "find_reservation",
    "format_instant",
    "invitation_for",
    "judge",
    "key_uid",
    "known_booking",
    "known_records",
    "load_accounts",
    "mail_settings",
    "mailed_to",
    "message_of",
    "move_request",
    "notify_guests",
    "one_line",
    "open_days",
    "open_workspace",
    "out_of_reach",
    "parse_instant",
    "part_of_series",
    "preview",
    "preview_all",
    "preview_proposal",
    "profile_zone",
    "propose",
    "proposed_date",
    "publication_of",
    "rank",
    "read_agenda",
    "read_records",
    "read_reply",
    "record_of",
    "refusal_message",
    "removing_guest",
    "repairing",
    "rescheduling",
    "revise",
    "revise_all",
    "run_post_hook",
    "run_pre_book",
    "search_records",
    "send_confirmation_request",
    "send_invitation",
    "send_proposal",
    "send_refusal",
    "session_cancellation",
    "shared_zone",
    "slots_to_move",
    "suggest",
    "take_counter",
    "take_reply",
    "with_seats_left",
]


def __getattr__(name: str) -> Any:
    """Return a public name, and keep it. Raises AttributeError."""
    if (home := HOMES.get(name)) is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(home), name)
    return value
