"""What the provider says of itself: discovery documents and keys."""
