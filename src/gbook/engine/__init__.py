"""The pure core: when can a group meet. No file, no clock, no YAML and no terminal in here."""
