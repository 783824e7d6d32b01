"""Changing the account's email address, and the second one for notices."""
