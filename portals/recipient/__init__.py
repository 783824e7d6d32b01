"""The recipient portal: what makes it different from the others."""
