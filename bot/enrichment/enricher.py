"""Fetches the pending records and repositories of papers, and retries failures later."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlsplit

from bot.enrichment.lookups import BATCH_SIZE, ArxivBatch, ArxivLookup, HuggingFaceLookup
from bot.lib.backoff import Backoff, BackoffPolicy
from bot.lib.clock import Clock, run_until
from bot.model.papers import MetadataProvider
from bot.ports.enrichment import FailedLookup, RecordStore
from bot.ports.errors import StorageUnavailable, TryLater
from bot.ports.web import WebClient

_REPOSITORY_BATCH_SIZE = 20
"""Papers that are looked up at Hugging Face before new weeks are looked up at arXiv again."""

_POLL_INTERVAL = timedelta(minutes=1)
"""How often the archive is checked for papers without a record."""

_BACKOFF = BackoffPolicy(timedelta(seconds=5), timedelta(hours=1))

_RUNNING_ELSEWHERE = "another Paperboy on this database is fetching them already"

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ApiUrls:
    """The services' base URLs."""

    arxiv: str
    """arXiv's query API."""
    hugging_face: str = ""
    """The prefix of an arXiv id in Hugging Face's API; empty to disable it."""


@dataclass(frozen=True, slots=True)
class EnrichmentResult:
    """The outcome of a run."""

    records: int = 0
    unknown: int = 0
    """Papers that arXiv does not know."""
    repositories: int = 0
    remaining: int = 0
    """Pending look-ups."""
    reasons: tuple[str, ...] = ()
    """Why the run stopped early, a sentence for each service."""
    is_running_elsewhere: bool = False
    """Whether another process on the same database holds the lock."""


class _ServiceState:
    """When a service may be queried again, and whether there is something to query."""

    def __init__(self) -> None:
        self.backoff = Backoff(_BACKOFF)
        self.retry_at = float("-inf")
        """In seconds of the monotonic clock."""
        self.has_work = False

    def record_failure(self, retry_after: timedelta | None, now: float) -> None:
        """Count a failure; `retry_after` is the delay that the service asks for."""
        self.retry_at = now + self.backoff.next_delay(minimum=retry_after).total_seconds()


class Enricher:
    """Queries both services, one request at a time; failures are retried later."""

    def __init__(
        self,
        records: RecordStore,
        web: WebClient,
        addresses: ApiUrls,
        clock: Clock,
        arxiv: ArxivLookup | None = None,
    ) -> None:
        """Take what asks arXiv, where others ask through it too: it keeps arXiv's interval."""
        self._records = records
        self._addresses = addresses
        self._clock = clock
        self._arxiv = arxiv or ArxivLookup(web, addresses.arxiv, clock)
        self._hugging_face = HuggingFaceLookup(web, addresses.hugging_face)
        self._services = {origin: _ServiceState() for origin in MetadataProvider}

    async def run(self, stop: asyncio.Event) -> None:
        """Fetch pending records until `stop` is set; a running request is cancelled."""
        await run_until(stop, self._run_forever())

    async def run_to_completion(
        self, max_wait: timedelta, on_progress: Callable[[EnrichmentResult], None] = lambda _: None
    ) -> EnrichmentResult:
        """Fetch all pending records; `on_progress` receives the totals after each step.

        Stops early if a service has to be left alone for longer than `max_wait`.
        """
        whole = EnrichmentResult()
        while True:
            step = await self.run_once()
            whole = replace(
                step,
                records=whole.records + step.records,
                unknown=whole.unknown + step.unknown,
                repositories=whole.repositories + step.repositories,
            )
            on_progress(whole)
            if not step.remaining:
                return whole
            seconds = self._idle_seconds(step)
            if seconds > max_wait.total_seconds():
                return whole
            await self._clock.sleep(seconds)

    async def run_once(self) -> EnrichmentResult:
        """Fetch all pending records, and a batch of repositories.

        Only one process on a database does so at a time, to keep to the services' rate limits.
        """
        with self._records.enrichment_lock() as is_ours:
            if not is_ours:
                wants = await self._records.pending_lookups(
                    MetadataProvider.ARXIV, 0, self._clock.now()
                )
                return EnrichmentResult(
                    remaining=wants.total, reasons=(_RUNNING_ELSEWHERE,), is_running_elsewhere=True
                )
            found = await self._fetch_records()
            return await self._fetch_repositories(found)

    async def _run_forever(self) -> None:
        while True:
            await self._clock.sleep(await self._run_once_safely())

    async def _run_once_safely(self) -> float:
        """Run once, log the outcome, and return the seconds until the next run."""
        try:
            step = await self.run_once()
        except StorageUnavailable as error:
            _LOG.error("Failed to fetch records", extra={"fields": {"reason": str(error)}})
            return _POLL_INTERVAL.total_seconds()
        except Exception:  # noqa: BLE001 - the bot works without records too
            _LOG.exception("Failed to fetch records")
            return _POLL_INTERVAL.total_seconds()
        if step.records or step.unknown or step.repositories:
            fields = {
                "records": step.records, "unknown": step.unknown,
                "repositories": step.repositories, "remaining": step.remaining,
            }  # fmt: skip
            _LOG.info("Fetched records", extra={"fields": fields})
        for reason in () if step.is_running_elsewhere else step.reasons:
            _LOG.warning("Retrying metadata provider later", extra={"fields": {"reason": reason}})
        return min(self._idle_seconds(step), _POLL_INTERVAL.total_seconds())

    def _idle_seconds(self, step: EnrichmentResult) -> float:
        """Return the seconds until a service may be queried again."""
        if step.is_running_elsewhere or not step.remaining:
            return _POLL_INTERVAL.total_seconds()
        now = self._clock.monotonic()
        return min(
            max(service.retry_at - now, 0.0)
            for service in self._services.values()
            if service.has_work
        )

    async def _fetch_records(self) -> EnrichmentResult:
        service, found = self._services[MetadataProvider.ARXIV], EnrichmentResult()
        while True:
            wants = await self._records.pending_lookups(
                MetadataProvider.ARXIV, BATCH_SIZE, self._clock.now()
            )
            service.has_work = bool(wants.arxiv_ids)
            found = replace(found, remaining=wants.total)
            if not wants.arxiv_ids or service.retry_at > self._clock.monotonic():
                return found
            batch = ArxivBatch(self._records, self._clock)
            try:
                await self._arxiv.query_batch(batch, wants.arxiv_ids)
            except TryLater as later:
                service.record_failure(later.retry_after, self._clock.monotonic())
                reason = f"{_host(self._addresses.arxiv)}: {later}"
                found = replace(found, reasons=(*found.reasons, reason))
            else:
                service.backoff.reset()
            found = replace(
                found,
                records=found.records + batch.records,
                unknown=found.unknown + batch.unknown,
            )

    async def _fetch_repositories(self, found: EnrichmentResult) -> EnrichmentResult:
        if not self._addresses.hugging_face:
            return found
        service = self._services[MetadataProvider.HUGGING_FACE]
        wants = await self._records.pending_lookups(
            MetadataProvider.HUGGING_FACE, _REPOSITORY_BATCH_SIZE, self._clock.now()
        )
        if wants.arxiv_ids and service.retry_at <= self._clock.monotonic():
            found, learnt = await self._find_repositories(wants.arxiv_ids, found)
        else:
            learnt = 0
        service.has_work = wants.total > learnt
        return replace(found, remaining=found.remaining + wants.total - learnt)

    async def _find_repositories(
        self, numbers: Sequence[str], found: EnrichmentResult
    ) -> tuple[EnrichmentResult, int]:
        """Look papers up; return the totals, and the number of look-ups that were answered."""
        service = self._services[MetadataProvider.HUGGING_FACE]
        urls: dict[str, str] = {}
        failed: list[FailedLookup] = []
        for number in numbers:
            try:
                urls |= await self._hugging_face.find_repository(number, failed)
            except TryLater as later:
                service.record_failure(later.retry_after, self._clock.monotonic())
                reason = f"{_host(self._addresses.hugging_face)}: {later}"
                found = replace(found, reasons=(*found.reasons, reason))
                break
            service.backoff.reset()
        now = self._clock.now()
        if urls:
            await self._records.save_repositories(urls, now)
        if failed:
            await self._records.save_failed_lookups(MetadataProvider.HUGGING_FACE, failed, now)
        return replace(found, repositories=len(urls)), len(urls) + len(failed)


def _host(address: str) -> str:
    """Return the host of a URL, for messages."""
    return urlsplit(address).hostname or address
