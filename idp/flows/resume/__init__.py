"""The end of a session that time ended, and going on after it."""
