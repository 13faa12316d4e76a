"""Recurrence rules (RFC 5545 section 3.3.10), read and expanded on the wall clock."""
