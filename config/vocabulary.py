"""Loads the vocabulary of tags, and the weights that decide between them."""

import json
import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Any


def load() -> dict[str, object]:
    """Return the vocabulary as it stands in `tags.toml`."""
    text = (resources.files("config") / "tags.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def load_weights() -> Mapping[str, Any]:
    """Return the weights as they stand in `tag-weights.json`, which `benchmarks/tags` writes."""
    text = (resources.files("config") / "tag-weights.json").read_text(encoding="utf-8")
    weights: Mapping[str, Any] = json.loads(text)
    return weights
