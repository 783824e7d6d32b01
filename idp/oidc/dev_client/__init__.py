"""/dev/client: a relying party to try requests with, in development and tests only."""
