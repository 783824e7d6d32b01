"""Applications that rely on the provider: their registration and its rules."""
