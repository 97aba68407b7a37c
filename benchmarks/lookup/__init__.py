"""Measures the look-up: how well it finds, and how fast, at three sizes."""
