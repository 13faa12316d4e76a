"""Commands are tested through the command line, at a fixed time and with a cache of their own."""

from __future__ import annotations

from support.fixtures import gbook, surroundings

__all__ = ["gbook", "surroundings"]
