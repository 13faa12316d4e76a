"""Calendar stores: a single .ics file, or a vdir folder."""
