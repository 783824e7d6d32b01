"""Giving tokens back. RFC 7009."""
