"""HTTP and CalDAV: what gbook says to servers, and what it accepts from them."""
