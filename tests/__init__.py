"""What proves the product: stories through the front door, on real parts."""
