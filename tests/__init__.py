"""Tests: they talk to the bot."""
