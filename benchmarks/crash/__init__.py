"""Ends the program at every point, and counts what readers see."""
