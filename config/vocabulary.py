"""Loads the vocabulary of tags."""

import tomllib
from importlib import resources


def load() -> dict[str, object]:
    """Return the vocabulary as it stands in `tags.toml`."""
    text = (resources.files("config") / "tags.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
