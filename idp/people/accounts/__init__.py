"""Accounts: who somebody is here."""
