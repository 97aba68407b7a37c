"""Looks up papers at arXiv that no weekly list has, such as those of a pasted address."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from cachetools import TTLCache

from bot.enrichment.arxiv import QueryResponse
from bot.enrichment.lookups import BATCH_SIZE, ArxivLookup
from bot.lib.clock import Clock
from bot.model.papers import Link, Paper, Record
from bot.ports.errors import TryLater

_KEPT, _KEPT_SECONDS = 2000, 86400.0
"""How many results are kept in memory, those of unknown ids too, and for how long."""
_PATIENCE_SECONDS = 10.0
"""How long a person waits for arXiv: its interval may be in use by a batch of records."""
_PAUSE = timedelta(minutes=1)
"""How long arXiv is not asked after a failure for which it names no delay."""

_BUSY = "arXiv cannot be asked now"


class UnlistedPapers:
    """Finds papers by their arXiv ids, in batches, at arXiv's own interval."""

    def __init__(self, arxiv: ArxivLookup, clock: Clock) -> None:
        self._arxiv = arxiv
        self._clock = clock
        self._found: TTLCache[str, Paper | None] = TTLCache(
            _KEPT, _KEPT_SECONDS, timer=clock.monotonic
        )
        self._waiting: dict[str, asyncio.Future[Paper | None]] = {}
        self._rests_until = float("-inf")
        """Monotonic seconds; before this arXiv is not asked."""
        self._task: asyncio.Task[None] | None = None

    async def find(self, number: str) -> Paper | None:
        if number in self._found:
            return self._found[number]
        result = self._waiting.get(number)
        if result is None:
            rest = self._rests_until - self._clock.monotonic()
            if rest > 0 or len(self._waiting) >= BATCH_SIZE:
                raise TryLater(timedelta(seconds=max(rest, 1)), _BUSY)
            result = self._waiting[number] = asyncio.get_running_loop().create_future()
            result.add_done_callback(_retrieve)
            if self._task is None or self._task.done():
                self._task = asyncio.create_task(self._ask())
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return await asyncio.shield(result)  # others may wait for it too
        except TimeoutError:
            raise TryLater(None, _BUSY) from None

    async def _ask(self) -> None:
        """Ask arXiv for all that is waited for; what comes meanwhile is the next batch."""
        while self._waiting:
            numbers = tuple(self._waiting)
            batch = _Batch()
            try:
                await self._arxiv.query_batch(batch, numbers)
            except TryLater as error:
                delay = error.retry_after or _PAUSE
                self._rests_until = self._clock.monotonic() + delay.total_seconds()
                self._fail([*self._waiting], error)
                return
            except BaseException:
                self._fail([*self._waiting], TryLater(None, _BUSY))
                raise
            for number in numbers:
                self._found[number] = batch.papers.get(number)
                _settle(self._waiting.pop(number), batch.papers.get(number))

    def _fail(self, numbers: Sequence[str], error: TryLater) -> None:
        for number in numbers:
            waiting = self._waiting.pop(number)
            if not waiting.done():
                waiting.set_exception(TryLater(error.retry_after, str(error)))


class _Batch:
    """Keeps the outcome of one batch; see `bot.enrichment.lookups.LookupSink`."""

    def __init__(self) -> None:
        self.papers: dict[str, Paper] = {}

    async def keep(self, answer: QueryResponse, asked: Sequence[str]) -> None:  # noqa: ARG002
        self.papers |= {
            number: unlisted_paper(number, record) for number, record in answer.records.items()
        }

    def add_suspect(self, number: str, reason: str) -> None:
        """Leave it out: it is not known."""

    async def close(self, *, is_sure: bool) -> bool:  # noqa: ARG002
        return True


def unlisted_paper(number: str, record: Record) -> Paper:
    """Return a paper with what arXiv says of it, and nothing else (pure)."""
    return Paper(
        f"arxiv:{number}",
        titles={"en": record.title} if record.title else {},
        links=(Link("paper", "arXiv", f"https://arxiv.org/abs/{number}"),),
        record=record,
    )


def _settle(result: "asyncio.Future[Paper | None]", paper: Paper | None) -> None:
    if not result.done():
        result.set_result(paper)


def _retrieve(result: "asyncio.Future[Paper | None]") -> None:
    """Mark a failure as seen: the person who waited for it may be gone."""
    if not result.cancelled():
        result.exception()
