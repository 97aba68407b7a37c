"""Storage of what is people's own."""
