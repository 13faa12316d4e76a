"""Changes of calendars: locks, journal, transaction and crash recovery."""
