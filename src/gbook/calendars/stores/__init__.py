"""Where a calendar's bytes are: a file or a vdir folder."""
