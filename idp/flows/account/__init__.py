"""What a signed-in person sees of their own account, and the start page."""
