"""What a terminal can show."""

MAX_WIDTH = 100
"""The widest line, in columns, that is comfortable to read."""

MIN_WIDTH = 20
"""Below this nothing is readable, and lines are left to the terminal."""
