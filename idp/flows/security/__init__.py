"""How somebody signs in: what they have for it, renaming and removing it."""
