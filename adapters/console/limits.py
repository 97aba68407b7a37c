"""What a terminal can show."""

WIDTH = 100
"""The widest line, in columns, that is comfortable to read."""

NARROWEST = 20
"""Below this nothing is readable, and lines are left to the terminal."""
