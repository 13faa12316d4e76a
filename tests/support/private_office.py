"""What is private in the workspace of a test: texts that no answer and no page may have."""

__all__ = ["ACCOUNTS", "SECRETS"]

# Lower-case: subjects, ids, names and addresses of accounts, files, paths and traces.
SECRETS = (
    "chemotherapy",
    "zelda",
    "quux",
    "yorick",
    "private.example",
    "s3cret",
    "hush",
    "traceback",
    ".yaml",
    "/tmp",
    "site-packages",
)
ACCOUNTS = """
timezone: Europe/Berlin
accounts:
  - {id: zelda-id, number: 1, name: Zelda Quux, email: zelda@private.example, calendars: [hush.ics]}
  - {id: yorick-id, number: 2, name: Yorick Quux, email: yorick@private.example, calendars: [hush2.ics]}
"""
