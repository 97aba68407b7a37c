"""Sources: crawls, parses and imports weekly issues."""
