"""A forgotten password is reset, a forgotten username is mailed."""
