"""Signing out: asked for by an application, and told to all of them."""
