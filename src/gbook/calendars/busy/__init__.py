"""From events to busy intervals."""
