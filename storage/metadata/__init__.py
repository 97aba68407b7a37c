"""Storage of the papers' metadata records."""
