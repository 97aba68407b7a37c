"""Parsers for other people's lists of papers: ids, tables, references, Markdown."""
