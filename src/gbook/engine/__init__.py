"""The pure core: when a group can meet. It knows no file, clock, YAML or terminal."""
