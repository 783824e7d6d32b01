"""JWTs of clients that may be shown once: their identifiers are kept until they expire."""
