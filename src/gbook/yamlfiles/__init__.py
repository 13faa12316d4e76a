"""Reading, checking and editing the user's YAML files."""
