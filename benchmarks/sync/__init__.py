"""Measures what syncing costs, against the cost of reading the files."""
