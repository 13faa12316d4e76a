"""The one way in and out of the user's YAML files."""
