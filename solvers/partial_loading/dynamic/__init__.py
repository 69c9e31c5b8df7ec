"""Dynamic programmes: exact for nested prefixes, in polynomial time."""
