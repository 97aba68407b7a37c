"""Measures what a connection to the gateway of Discord keeps in memory."""
