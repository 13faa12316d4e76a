"""Bookings are tested through the command line, as everything else is."""

from __future__ import annotations

from support.fixtures import gbook, surroundings

__all__ = ["gbook", "surroundings"]
