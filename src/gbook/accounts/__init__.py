"""The accounts of gbook.yaml: adding, changing and removing them, and creating their calendars."""
