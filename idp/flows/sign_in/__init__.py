"""Signing in with a password, signing out, and what a session tells about itself."""
