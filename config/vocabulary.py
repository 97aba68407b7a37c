"""Loads the vocabulary of tags, and the weights that decide between them."""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Any

_TAGS = resources.files("config") / "tags.toml"
_WEIGHTS = resources.files("config") / "tag-weights.json"


def fingerprint() -> str:
    """Return a hash of the vocabulary and the weights, by which their changes are noticed."""
    return hashlib.sha256(_TAGS.read_bytes() + _WEIGHTS.read_bytes()).hexdigest()[:16]


def load() -> dict[str, object]:
    """Return the vocabulary as it stands in `tags.toml`."""
    return tomllib.loads(_TAGS.read_text(encoding="utf-8"))


def load_weights() -> Mapping[str, Any]:
    """Return the weights as they stand in `tag-weights.json`, which `benchmarks/tags` writes."""
    weights: Mapping[str, Any] = json.loads(_WEIGHTS.read_bytes())
    return weights
