"""Consents: what a person allowed an application to know and do, until they take it back."""
