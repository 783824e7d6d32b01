"""Changes of an email address, from asking to the end of the time to undo."""
