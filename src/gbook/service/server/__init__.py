"""The server process: sockets, connections, threads, the workspace of each request, and how it ends."""
