"""Reports of first-party applications that the person acted there."""
