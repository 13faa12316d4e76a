"""Lint of a workspace: what is wrong in its files, or looks as if it were."""
