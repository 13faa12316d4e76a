"""The form of a booking: its inputs, its token, and the call that it makes."""
