"""Unlocking a password by mail."""
