"""How often something may be tried, counted over all processes."""
