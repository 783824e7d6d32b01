"""The token endpoint: who asks, and one file for each grant."""
