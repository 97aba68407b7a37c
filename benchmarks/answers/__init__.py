"""Measures how long people wait for an answer, when many ask at once."""
