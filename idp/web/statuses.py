"""Statuses of HTTP that pages answer with; RFC 9110, RFC 6585."""

GONE = 410
UNPROCESSABLE = 422
TOO_MANY = 429
