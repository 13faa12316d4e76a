"""Locks, rights and folders: what gbook asks of the file system."""
