"""Getting back in: unlocking a password by mail."""
