"""Widths of lines at a terminal."""

MAX_WIDTH = 100
"""Maximum width of a line, in columns."""

MIN_WIDTH = 20
"""Minimum width; in a narrower terminal lines are wrapped by the terminal itself."""
