"""Encrypted storage of secrets."""
