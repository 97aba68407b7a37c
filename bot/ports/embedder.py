"""What the core asks of a model that turns texts into vectors."""

from collections.abc import Sequence
from typing import Protocol


class Embedder(Protocol):
    """Embeds texts, so that texts of one meaning lie close to each other in any language.

    Synchronous; may be called from several threads. The first call loads the model.
    """

    model: str
    """The model and its version; vectors of different models cannot be compared."""

    def embed(self, groups: Sequence[Sequence[str]]) -> tuple[bytes, ...]:
        """Return for each group of texts the mean of their vectors.

        A vector has length 1 and is written as half-precision floats, little-endian.
        """
        ...
