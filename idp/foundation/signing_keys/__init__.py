"""Keys that sign tokens: made at first start, sealed at rest, parsed once in each process."""
