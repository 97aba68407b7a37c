"""Storage of issues and papers."""
