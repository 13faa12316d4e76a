"""What happens to a booking after it was made: confirmed, moved, cancelled, dropped.

Every copy of the event changes in one transaction, and only the lines that have to; each change raises
SEQUENCE (RFC 5546 §2.1.4), so that other programs take it for the newer one.
"""

from __future__ import annotations
