"""Loads what translations call the terms of the field."""

import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Any


def load() -> Mapping[str, Mapping[str, Any]]:
    """Return the tables of `terms.toml`."""
    text = (resources.files("config") / "terms.toml").read_text(encoding="utf-8")
    tables: Mapping[str, Mapping[str, Any]] = tomllib.loads(text)
    return tables
