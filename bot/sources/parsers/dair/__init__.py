"""Parser for the DAIR.AI list of weekly papers."""
