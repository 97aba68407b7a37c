"""Keeps the archive in a database."""
