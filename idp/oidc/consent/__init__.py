"""Asking a person what an application may know and do. OpenID Connect Core §3.1.2.4."""
