"""The screens of the booking page, one module each: from a visit to what its template shows."""
