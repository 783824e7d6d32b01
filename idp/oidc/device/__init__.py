"""Signing in on a device without a browser. RFC 8628."""
