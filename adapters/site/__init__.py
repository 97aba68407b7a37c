"""The archive as web pages: weeks, papers, tags, authors, search, feeds, and JSON for programs."""

from pathlib import Path

FOLDER = Path(__file__).parent
"""Where the templates and the files beside the pages are."""
