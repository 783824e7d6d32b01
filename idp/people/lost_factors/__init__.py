"""Second factors that a person lost: waiting, cancelled, replaced."""
