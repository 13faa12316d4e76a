"""Calendars as bytes on disk: reading what is busy, writing events without losing anything."""
