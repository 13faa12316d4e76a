"""gbook: group booking from the terminal, over calendars that are files."""

__version__ = "0.1.0"
# PRODID (RFC 5545 §3.7.3) of each calendar that gbook makes, without a version: a release changes no file.
PRODID = "-//gbook//gbook//EN"
