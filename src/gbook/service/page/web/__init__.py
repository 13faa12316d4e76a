"""Requests of guests and answers to them: forms, pages, files of static/, headers."""
