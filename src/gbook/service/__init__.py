"""The HTTP API of `gbook serve`, for clients and guests (the extra `serve`)."""
