"""What the API can do: one function an operation, from a `Call` to its answer."""
