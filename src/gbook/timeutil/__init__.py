"""Instants, time zones, periods, and the format of times."""
