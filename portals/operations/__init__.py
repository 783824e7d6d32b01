"""The operations portal: what makes it different from the others."""
