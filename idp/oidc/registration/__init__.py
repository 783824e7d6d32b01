"""Clients that register and manage themselves. RFC 7591 and RFC 7592."""
