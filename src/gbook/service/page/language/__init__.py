"""The language, the formats and the time zone of a page."""
