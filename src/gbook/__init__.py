"""gbook: group booking from the terminal, over calendars that are files."""

__version__ = "0.1.0"
