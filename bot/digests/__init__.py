"""Digests: decides what is due to which subscription; sends nothing."""
