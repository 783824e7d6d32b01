"""Browsers that completed a full sign-in: recognised later, never a factor (case MF-15)."""
