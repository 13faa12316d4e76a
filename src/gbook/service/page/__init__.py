"""The booking page: guests pick a time in their browser, without an account and without a script."""
