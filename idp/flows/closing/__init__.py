"""Closing an account, keeping it after all, and bringing back one that was archived."""
