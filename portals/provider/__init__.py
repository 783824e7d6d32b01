"""The provider portal: what makes it different from the others."""
