"""Storage of the search index."""
