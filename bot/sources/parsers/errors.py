"""Errors that parsers raise."""


class UnreadableSource(ValueError):
    """Nothing in the source can be used; the message says why and what to do."""
