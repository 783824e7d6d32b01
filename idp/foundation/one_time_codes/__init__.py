"""Mailed codes and links: bound to a purpose and a transaction, stored hashed, used once."""
