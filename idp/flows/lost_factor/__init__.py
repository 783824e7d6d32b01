"""Losing every second factor: a code, a day's wait, a link, and a new factor."""
