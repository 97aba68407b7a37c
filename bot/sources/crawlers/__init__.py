"""Gathers what a source holds: its pages, asked one after another, and read."""
