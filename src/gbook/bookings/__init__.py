"""Bookings: events that gbook makes, moves and takes back, in the calendars of those concerned."""
