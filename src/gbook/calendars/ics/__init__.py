"""The bytes and grammar of iCalendar (RFC 5545)."""
