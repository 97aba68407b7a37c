"""Parsers for RSS and Atom feeds of weekly posts."""
