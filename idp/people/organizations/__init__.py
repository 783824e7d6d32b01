"""Organizations: agencies, providers, contractors."""
