"""Measures what many people with lists of their own cost."""
