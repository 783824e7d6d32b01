"""Pushed authorization requests: what applications send before they send the person. RFC 9126."""
