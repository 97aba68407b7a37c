"""How soon a correction reaches every message, and whether each shows it in the end."""
