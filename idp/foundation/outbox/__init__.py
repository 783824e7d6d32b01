"""Work that must follow a commit: queued in the same transaction, done by the worker."""
