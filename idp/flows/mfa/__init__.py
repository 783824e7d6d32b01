"""The second factor: asking for it, and enrolling it."""
