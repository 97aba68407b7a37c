"""Loads the Korean words of the field with their English ones, and English synonyms."""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any


def load() -> Mapping[str, str]:
    """Return the English alternatives of each Korean word, as `glossary.toml` has them."""
    words: Mapping[str, str] = _read()["words"]
    return words


def load_synonyms() -> Sequence[Sequence[str]]:
    """Return groups of English words that people say for one another."""
    return [group.split(", ") for group in _read()["synonyms"]["groups"]]


@cache
def _read() -> Mapping[str, Any]:
    text = (resources.files("config") / "glossary.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
