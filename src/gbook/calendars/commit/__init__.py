"""Locks, journal, transaction and crash recovery."""
