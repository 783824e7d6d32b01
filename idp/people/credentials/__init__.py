"""Credentials: what somebody proves it with."""
