"""What a TZID means: the tz database, other names, and VTIMEZONE components."""
