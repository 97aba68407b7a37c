"""Computes the vectors of papers that have none yet, in the background."""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta

from bot.lib.clock import Clock, run_until
from bot.papers.gist import gist, gist_digest
from bot.ports.embedder import Embedder
from bot.ports.enrichment import VectorStore
from bot.ports.errors import StorageUnavailable

_POLL_INTERVAL = timedelta(seconds=20)
"""How often the archive is checked for papers without a vector."""

_BATCH_SIZE = 8
"""Papers that are embedded at once; a question waits that long for the model."""

_LOG = logging.getLogger(__name__)


class Vectorizer:
    """Keeps the vectors of an archive current."""

    def __init__(self, store: VectorStore, embedder: Embedder, clock: Clock) -> None:
        self._store = store
        self._embedder = embedder
        self._clock = clock

    async def run(self, stop: asyncio.Event) -> None:
        """Embed papers as they come, until `stop` is set."""
        await run_until(stop, self._run_forever())

    async def run_to_completion(
        self, on_progress: Callable[[int, int], None] = lambda _done, _left: None
    ) -> int:
        """Embed all pending papers and return their number.

        `on_progress` receives after each batch how many were embedded, and how many are left.
        """
        done = 0
        while True:
            embedded, left = await self._run_once()
            done += embedded
            on_progress(done, left)
            if not embedded:
                return done

    async def _run_forever(self) -> None:
        while True:
            try:
                done = await self.run_to_completion()
            except StorageUnavailable as error:
                _LOG.error("Failed to embed papers", extra={"fields": {"reason": str(error)}})
            except Exception:  # noqa: BLE001 - the bot works without vectors too
                _LOG.exception("Failed to embed papers")
            else:
                if done:
                    _LOG.info("Embedded papers", extra={"fields": {"papers": done}})
            await self._clock.sleep(_POLL_INTERVAL.total_seconds())

    async def _run_once(self) -> tuple[int, int]:
        """Embed a batch; return the number of its papers, and how many are left."""
        model = self._embedder.model
        pending = await self._store.pending_vectors(model, _BATCH_SIZE)
        if not pending.papers:
            return 0, 0
        texts = [gist(paper) for paper in pending.papers]
        vectors = await asyncio.to_thread(self._embedder.embed, texts)
        pairs = zip(pending.papers, vectors, strict=True)
        found = {paper.id: (gist_digest(paper), vector) for paper, vector in pairs}
        await self._store.save_vectors(model, found)
        return len(found), pending.total - len(found)
