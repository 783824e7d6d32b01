"""Second floor: what is kept about people, and its rules."""
