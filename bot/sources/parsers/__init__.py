"""Reads weeks from every format they arrive in (pure parsers)."""
