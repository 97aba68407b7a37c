"""Crawlers: fetch the pages of a source, one kind of source a module."""
