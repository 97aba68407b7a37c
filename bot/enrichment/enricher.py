"""Learns the records of papers from arXiv, and where their code is from Hugging Face."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import quote, urlencode, urlsplit

from bot.enrichment import arxiv, hugging_face
from bot.lib.backoff import Backoff
from bot.lib.clock import Clock, run_until
from bot.model.papers import MetadataProvider
from bot.ports.archive import FailedLookup, RecordStore
from bot.ports.errors import Refused, StorageUnavailable, TryLater
from bot.ports.web import WebClient

BATCH_SIZE = 100
"""How many papers one question to arXiv is about; it takes as many as an address can hold."""

REQUEST_INTERVAL = timedelta(seconds=3)
"""Between an answer of arXiv and the next question; see https://info.arxiv.org/help/api/tou.html."""

_REPOSITORY_BATCH_SIZE = 20
"""How many papers Hugging Face is asked about before new weeks have their turn again."""

_POLL_INTERVAL = timedelta(minutes=1)
"""How often it is looked for papers that nobody was asked about."""

_MAX_REFUSALS = 20
"""After so many refusals of one batch it is left for later."""

_RUNNING_ELSEWHERE = "another Paperboy on this database is learning them already"

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ApiUrls:
    """Where is asked."""

    arxiv: str
    """The query interface of arXiv's API."""
    hugging_face: str = ""
    """What stands before an arXiv id in the addresses of Hugging Face's API; empty for not."""


@dataclass(frozen=True, slots=True)
class EnrichmentResult:
    """What was learnt."""

    records: int = 0
    unknown: int = 0
    """Papers that arXiv does not know."""
    repositories: int = 0
    remaining: int = 0
    """How many papers somebody is still to be asked about."""
    reasons: tuple[str, ...] = ()
    """Why it was not gone on, a sentence for each service."""
    is_running_elsewhere: bool = False
    """Whether another program on the same database is at it."""


class Enricher:
    """Asks both services, one question at a time; what fails is asked again later."""

    def __init__(
        self, records: RecordStore, web: WebClient, addresses: ApiUrls, clock: Clock
    ) -> None:
        self._records = records
        self._fetch = web
        self._addresses = addresses
        self._clock = clock
        self._may_ask_at = float("-inf")
        self._pauses = {origin: Backoff() for origin in MetadataProvider}

    async def run(self, stop: asyncio.Event) -> None:
        """Learn what is wanted until told to stop; what is under way then is left."""
        await run_until(stop, self._go())

    async def run_to_completion(
        self, max_wait: timedelta, on_progress: Callable[[EnrichmentResult], None] = lambda _: None
    ) -> EnrichmentResult:
        """Learn all that is wanted; `tell` hears after each step what was learnt so far.

        A service that wants to be left alone for longer than the patience is.
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
        """Learn every record that is wanted, and where the code of some papers is.

        Of two programs on one database one alone asks, as both together would be impolite.
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

    async def _go(self) -> None:
        while True:
            await self._clock.sleep(await self._safely())

    async def _safely(self) -> float:
        """Take a step; return for how many seconds nothing is to be done."""
        try:
            step = await self.run_once()
        except StorageUnavailable as error:
            _LOG.error("records are not learnt: %s", error)
            return _POLL_INTERVAL.total_seconds()
        except Exception:  # noqa: BLE001 - papers are read without their records also
            _LOG.exception("records are not learnt")
            return _POLL_INTERVAL.total_seconds()
        if step.records or step.unknown or step.repositories:
            _LOG.info(
                "learnt: records %d, unknown to arXiv %d, repositories %d; left %d",
                step.records, step.unknown, step.repositories, step.remaining,
            )  # fmt: skip
        for reason in () if step.is_running_elsewhere else step.reasons:
            _LOG.warning("asked again later: %s", reason)
        return min(self._idle_seconds(step), _POLL_INTERVAL.total_seconds())

    def _idle_seconds(self, step: EnrichmentResult) -> float:
        """Return for how many seconds there is nobody to ask."""
        if step.is_running_elsewhere or not step.remaining:
            return _POLL_INTERVAL.total_seconds()
        now = self._clock.monotonic()
        return min(max(pause.until - now, 0.0) for pause in self._pauses.values() if pause.wants)

    async def _fetch_records(self) -> EnrichmentResult:
        pause, found = self._pauses[MetadataProvider.ARXIV], EnrichmentResult()
        while True:
            wants = await self._records.pending_lookups(
                MetadataProvider.ARXIV, BATCH_SIZE, self._clock.now()
            )
            pause.wants = bool(wants.arxiv_ids)
            found = replace(found, remaining=wants.total)
            if not wants.arxiv_ids or pause.until > self._clock.monotonic():
                return found
            batch = _ArxivBatch(self._records, self._clock)
            try:
                await self._ask(batch, wants.arxiv_ids)
            except TryLater as later:
                pause.begin(later.retry_after, self._clock.monotonic())
                reason = f"{_host(self._addresses.arxiv)}: {later}"
                found = replace(found, reasons=(*found.reasons, reason))
            else:
                pause.end()
            found = replace(
                found,
                records=found.records + batch.records,
                unknown=found.unknown + batch.unknown,
            )

    async def _ask(self, batch: "_ArxivBatch", numbers: Sequence[str]) -> None:
        """Ask arXiv about papers; one at which it finds the whole question wrong is found out.

        Raises TryLater; what was answered before is kept.
        """
        questions, refusals, reason = [numbers], 0, ""
        while questions:
            part = questions.pop()
            answer = await self._question(part)
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
        # Of one paper alone it cannot be told what is wrong; a day's wait does no harm.
        if not await batch.close(is_sure=len(numbers) == 1) or questions:
            raise TryLater(None, reason)

    async def _question(self, numbers: Sequence[str]) -> arxiv.QueryResponse | str:
        """Return arXiv's answer, or why it refuses the question; raises TryLater."""
        query = urlencode(
            {"id_list": ",".join(map(arxiv.query_id, numbers)), "max_results": len(numbers)},
            safe=",/",
        )
        await self._clock.sleep(max(self._may_ask_at - self._clock.monotonic(), 0))
        try:
            fetched = await self._fetch.get(f"{self._addresses.arxiv}?{query}")
            answer = arxiv.parse_response(fetched.body, numbers)
        except Refused as refused:
            return refused.reason
        except arxiv.RateExceeded:
            raise TryLater(None, "it says “Rate exceeded.”") from None
        except arxiv.InvalidResponse as error:
            raise TryLater(None, f"the answer cannot be read: {error}") from None
        finally:
            self._may_ask_at = self._clock.monotonic() + REQUEST_INTERVAL.total_seconds()
        if answer.errors:
            return answer.errors[0]
        # Now and then nothing comes in place of an error.
        return answer if answer.records or len(numbers) == 1 else "it knows none of them"

    async def _fetch_repositories(self, found: EnrichmentResult) -> EnrichmentResult:
        if not self._addresses.hugging_face:
            return found
        pause = self._pauses[MetadataProvider.HUGGING_FACE]
        wants = await self._records.pending_lookups(
            MetadataProvider.HUGGING_FACE, _REPOSITORY_BATCH_SIZE, self._clock.now()
        )
        if wants.arxiv_ids and pause.until <= self._clock.monotonic():
            found, learnt = await self._find_repositories(wants.arxiv_ids, found)
        else:
            learnt = 0
        pause.wants = wants.total > learnt
        return replace(found, remaining=found.remaining + wants.total - learnt)

    async def _find_repositories(
        self, numbers: Sequence[str], found: EnrichmentResult
    ) -> tuple[EnrichmentResult, int]:
        """Ask about papers; return what was found, and how many were answered."""
        pause = self._pauses[MetadataProvider.HUGGING_FACE]
        urls: dict[str, str] = {}
        failed: list[FailedLookup] = []
        for number in numbers:
            try:
                urls |= await self._find_repository(number, failed)
            except TryLater as later:
                pause.begin(later.retry_after, self._clock.monotonic())
                reason = f"{_host(self._addresses.hugging_face)}: {later}"
                found = replace(found, reasons=(*found.reasons, reason))
                break
            pause.end()
        now = self._clock.now()
        if urls:
            await self._records.save_repositories(urls, now)
        if failed:
            await self._records.save_failed_lookups(MetadataProvider.HUGGING_FACE, failed, now)
        return replace(found, repositories=len(urls)), len(urls) + len(failed)

    async def _find_repository(self, number: str, failed: list[FailedLookup]) -> dict[str, str]:
        """Return the address of a paper's code by its id, if there is one; raises TryLater."""
        url = f"{self._addresses.hugging_face}/{quote(arxiv.query_id(number), safe='')}"
        try:
            repository = hugging_face.parse_repository_url((await self._fetch.get(url)).body)
        except Refused as refused:
            failed.append(FailedLookup(number, refused.reason))
            return {}
        except hugging_face.InvalidResponse as error:
            raise TryLater(None, f"the answer cannot be read: {error}") from None
        if not repository:
            failed.append(FailedLookup(number, "it names no code"))
            return {}
        return {number: repository}


class _ArxivBatch:
    """Keeps what comes of one batch of papers."""

    def __init__(self, records: RecordStore, clock: Clock) -> None:
        self.records = 0
        self.unknown = 0
        self._kept = records
        self._clock = clock
        self._suspects: list[FailedLookup] = []
        self._was_answered = False

    async def keep(self, answer: arxiv.QueryResponse, asked: Sequence[str]) -> None:
        """Keep an answer: the records, and which papers arXiv does not know."""
        self._was_answered = True
        if answer.records:
            await self._kept.save_records(answer.records, self._clock.now())
        self.records += len(answer.records)
        missing = [number for number in asked if number not in answer.records]
        await self._save_failures(
            [FailedLookup(number, "arXiv does not know it") for number in missing]
        )

    def add_suspect(self, number: str, reason: str) -> None:
        """Remember a paper at which arXiv refuses to answer."""
        self._suspects.append(FailedLookup(number, reason))

    async def close(self, *, is_sure: bool) -> bool:
        """Keep the suspects, unless arXiv refused everything; return whether they were kept."""
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
    """Return the host of an address, for whoever reads why it was not asked."""
    return urlsplit(address).hostname or address
