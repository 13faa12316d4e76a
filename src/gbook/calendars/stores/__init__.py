"""Calendar stores: where the bytes of a calendar are, in a file, in a folder or on a server."""
