"""The models of what is sent over HTTP: bodies, query parameters and answers."""
