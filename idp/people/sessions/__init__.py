"""Sessions: who is signed in, and the one clock that ends it."""
