"""Whether a token is active, for the applications and resources that meet it. RFC 7662."""
