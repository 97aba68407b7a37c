"""Fetches metadata records of papers from arXiv, and code repositories from Hugging Face."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import quote, urlencode, urlsplit

from bot.enrichment import arxiv, hugging_face
from bot.lib.backoff import Backoff, BackoffPolicy
from bot.lib.clock import Clock, run_until
from bot.lib.rate_limit import IntervalLimiter
from bot.model.papers import MetadataProvider
from bot.ports.archive import FailedLookup, RecordStore
from bot.ports.errors import StorageUnavailable, TryLater
from bot.ports.web import FetchRefused, WebClient

BATCH_SIZE = 100
"""Papers in one query to arXiv; the limit is the length of a URL."""

REQUEST_INTERVAL = timedelta(seconds=3)
"""Between a response of arXiv and the next query: https://info.arxiv.org/help/api/tou.html.

These are arXiv's terms, whatever interval the settings give the HTTP client.
"""

_REPOSITORY_BATCH_SIZE = 20
"""Papers that are looked up at Hugging Face before new weeks are looked up at arXiv again."""

_POLL_INTERVAL = timedelta(minutes=1)
"""How often the archive is checked for papers without a record."""

_BACKOFF = BackoffPolicy(timedelta(seconds=5), timedelta(hours=1))

_MAX_REFUSALS = 20
"""The most refusals of one batch before it is retried later."""

_ABOUT_QUERY = frozenset(
    {
        HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.GONE,
        HTTPStatus.REQUEST_URI_TOO_LONG, HTTPStatus.UNPROCESSABLE_ENTITY,
    }
)  # fmt: skip
"""Statuses that say something about the papers of a query; others are about us."""

_REFUSED_PAUSE = timedelta(hours=6)
"""How long a service is left alone that refuses us, such as with 403."""

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
        self, records: RecordStore, web: WebClient, addresses: ApiUrls, clock: Clock
    ) -> None:
        self._records = records
        self._fetch = web
        self._addresses = addresses
        self._clock = clock
        self._limiter = IntervalLimiter(clock)
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
            batch = _ArxivBatch(self._records, self._clock)
            try:
                await self._query_batch(batch, wants.arxiv_ids)
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

    async def _query_batch(self, batch: "_ArxivBatch", numbers: Sequence[str]) -> None:
        """Query arXiv for a batch; divide it if arXiv refuses it because of one paper.

        Raises TryLater; earlier responses are kept.
        """
        questions, refusals, reason = [numbers], 0, ""
        while questions:
            part = questions.pop()
            answer = await self._query(part)
            if isinstance(answer, arxiv.QueryResponse):
                await batch.keep(answer, part)
                continue
            refusals, reason = refusals + 1, answer
            if refusals > _MAX_REFUSALS:
                break
            if len(part) == 1:
                batch.add_suspect(part[0], reason)
            else:
                middle = len(part) // 2
                questions += [part[middle:], part[:middle]]
        # A batch of one paper cannot be divided; a day's delay does no harm.
        if not await batch.close(is_sure=len(numbers) == 1) or questions:
            raise TryLater(None, reason)

    async def _query(self, numbers: Sequence[str]) -> arxiv.QueryResponse | str:
        """Return arXiv's response, or why it refuses the query; raises TryLater."""
        query = urlencode(
            {"id_list": ",".join(map(arxiv.query_id, numbers)), "max_results": len(numbers)},
            safe=",/",
        )
        await self._limiter.wait(self._addresses.arxiv)
        try:
            fetched = await self._fetch.get(f"{self._addresses.arxiv}?{query}")
            answer = arxiv.parse_response(fetched.body, numbers)
        except FetchRefused as refused:
            if refused.status not in _ABOUT_QUERY:
                raise TryLater(_REFUSED_PAUSE, refused.reason) from None
            return refused.reason
        except arxiv.RateExceeded:
            raise TryLater(None, "it says “Rate exceeded.”") from None
        except arxiv.InvalidResponse as error:
            raise TryLater(None, f"the answer cannot be read: {error}") from None
        finally:
            self._limiter.hold_for(self._addresses.arxiv, REQUEST_INTERVAL)
        if answer.errors:
            return answer.errors[0]
        # Now and then nothing comes in place of an error.
        return answer if answer.records or len(numbers) == 1 else "it knows none of them"

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
                urls |= await self._find_repository(number, failed)
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

    async def _find_repository(self, number: str, failed: list[FailedLookup]) -> dict[str, str]:
        """Return a paper's repository by its id, if it has one; raises TryLater."""
        url = f"{self._addresses.hugging_face}/{quote(arxiv.query_id(number), safe='')}"
        try:
            repository = hugging_face.parse_repository_url((await self._fetch.get(url)).body)
        except FetchRefused as refused:
            if refused.status not in _ABOUT_QUERY:
                raise TryLater(_REFUSED_PAUSE, refused.reason) from None
            failed.append(FailedLookup(number, refused.reason))
            return {}
        except hugging_face.InvalidResponse as error:
            raise TryLater(None, f"the answer cannot be read: {error}") from None
        if not repository:
            failed.append(FailedLookup(number, "it names no code"))
            return {}
        return {number: repository}


class _ArxivBatch:
    """Stores the outcome of one batch of papers."""

    def __init__(self, records: RecordStore, clock: Clock) -> None:
        self.records = 0
        self.unknown = 0
        self._kept = records
        self._clock = clock
        self._suspects: list[FailedLookup] = []
        self._was_answered = False

    async def keep(self, answer: arxiv.QueryResponse, asked: Sequence[str]) -> None:
        """Store a response: the records, and the papers that arXiv does not know."""
        self._was_answered = True
        if answer.records:
            await self._kept.save_records(answer.records, self._clock.now())
        self.records += len(answer.records)
        missing = [number for number in asked if number not in answer.records]
        await self._save_failures(
            [FailedLookup(number, "arXiv does not know it") for number in missing]
        )

    def add_suspect(self, number: str, reason: str) -> None:
        """Note a paper because of which arXiv may have refused the query."""
        self._suspects.append(FailedLookup(number, reason))

    async def close(self, *, is_sure: bool) -> bool:
        """Store the suspects as failed unless arXiv refused everything; return if it did not."""
        is_sure = is_sure or self._was_answered
        if is_sure:
            await self._save_failures(self._suspects)
        return is_sure

    async def _save_failures(self, unlearnt: Sequence[FailedLookup]) -> None:
        if unlearnt:
            await self._kept.save_failed_lookups(
                MetadataProvider.ARXIV, unlearnt, self._clock.now()
            )
        self.unknown += len(unlearnt)


def _host(address: str) -> str:
    """Return the host of a URL, for messages."""
    return urlsplit(address).hostname or address
