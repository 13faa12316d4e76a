"""The clients of the HTTP API: who may ask, and the secrets that they prove it with."""
