"""What applications do: the OpenID provider, one file for each endpoint, check and grant."""
