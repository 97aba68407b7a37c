"""Fetches what lies on the web."""
