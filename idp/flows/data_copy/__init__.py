"""A copy of everything that is kept about oneself."""
