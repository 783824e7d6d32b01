"""Changing the password while signed in."""
