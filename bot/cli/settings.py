"""Reads the settings for a command, with a section for each platform."""

from bot.app import load_settings
from config.settings import Settings


def load() -> Settings:
    """Return the settings. Raises `config.settings.InvalidSettings`."""
    return load_settings()
