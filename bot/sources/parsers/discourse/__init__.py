"""Parsers for weekly posts of Discourse forums."""
