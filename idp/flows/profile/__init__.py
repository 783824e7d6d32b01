"""What people say about themselves: names, number, language, postal address."""
