"""The table of routes, and the description of the API that is made from it."""
