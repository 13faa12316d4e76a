"""Instants, zones, periods, and how times are written."""
