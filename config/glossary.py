"""Loads the Korean words of the field with their English ones."""

import tomllib
from collections.abc import Mapping
from importlib import resources


def load() -> Mapping[str, str]:
    """Return the English alternatives of each Korean word, as `glossary.toml` has them."""
    text = (resources.files("config") / "glossary.toml").read_text(encoding="utf-8")
    words: Mapping[str, str] = tomllib.loads(text)["words"]
    return words
