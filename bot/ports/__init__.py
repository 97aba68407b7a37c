"""Ports: what the core asks of platforms, storage and the web."""
