"""Measures the archive: importing it, answering from it, starting up."""
