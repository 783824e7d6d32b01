"""Transactions: one for each tab that is on its way somewhere, with its state on the server."""
