"""authorization_details: fine-grained requests, each of a registered type. RFC 9396."""
