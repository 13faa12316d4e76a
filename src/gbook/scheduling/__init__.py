"""Profile, calendars and engine together: find slots, explain them, suggest changes."""
