"""Search: finds papers by name, identifier or words of their texts."""
