"""Looks papers up at arXiv, in batches, and their code repositories at Hugging Face."""

from collections.abc import Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Protocol
from urllib.parse import quote, urlencode

from bot.enrichment import arxiv, hugging_face
from bot.lib.clock import Clock
from bot.lib.rate_limit import IntervalLimiter
from bot.model.papers import MetadataProvider
from bot.ports.enrichment import FailedLookup, RecordStore
from bot.ports.errors import TryLater
from bot.ports.web import FetchRefused, WebClient

BATCH_SIZE = 100
"""Papers in one query to arXiv; the limit is the length of a URL."""

REQUEST_INTERVAL = timedelta(seconds=3)
"""Between a response of arXiv and the next query: https://info.arxiv.org/help/api/tou.html.

These are arXiv's terms, whatever interval the settings give the HTTP client.
"""

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


class LookupSink(Protocol):
    """Takes the outcome of one batch of papers."""

    async def keep(self, answer: arxiv.QueryResponse, asked: Sequence[str]) -> None:
        """Keep a response: the records, and which of the papers arXiv does not know."""
        ...

    def add_suspect(self, number: str, reason: str) -> None:
        """Note a paper because of which arXiv may have refused the query."""
        ...

    async def close(self, *, is_sure: bool) -> bool:
        """Settle the suspects; return False where arXiv refused everything.

        `is_sure`: whether the one paper of the batch is the reason of its refusal.
        """
        ...


class ArxivLookup:
    """Queries arXiv for batches of papers, at arXiv's own interval."""

    def __init__(self, web: WebClient, url: str, clock: Clock) -> None:
        self._web = web
        self._url = url
        self._limiter = IntervalLimiter(clock)

    async def query_batch(self, batch: LookupSink, numbers: Sequence[str]) -> None:
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
        await self._limiter.wait(self._url)
        try:
            fetched = await self._web.get(f"{self._url}?{query}")
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
            self._limiter.hold_for(self._url, REQUEST_INTERVAL)
        if answer.errors:
            return answer.errors[0]
        # Now and then nothing comes in place of an error.
        return answer if answer.records or len(numbers) == 1 else "it knows none of them"


class ArxivBatch:
    """Stores the outcome of one batch of papers."""

    def __init__(self, records: RecordStore, clock: Clock) -> None:
        self.records = 0
        self.unknown = 0
        self._kept = records
        self._clock = clock
        self._suspects: list[FailedLookup] = []
        self._was_answered = False

    async def keep(self, answer: arxiv.QueryResponse, asked: Sequence[str]) -> None:
        self._was_answered = True
        if answer.records:
            await self._kept.save_records(answer.records, self._clock.now())
        self.records += len(answer.records)
        missing = [number for number in asked if number not in answer.records]
        await self._save_failures(
            [FailedLookup(number, "arXiv does not know it") for number in missing]
        )

    def add_suspect(self, number: str, reason: str) -> None:
        self._suspects.append(FailedLookup(number, reason))

    async def close(self, *, is_sure: bool) -> bool:
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


class HuggingFaceLookup:
    """Asks Hugging Face where the code of a paper is."""

    def __init__(self, web: WebClient, url: str) -> None:
        self._web = web
        self._url = url

    async def find_repository(self, number: str, failed: list[FailedLookup]) -> dict[str, str]:
        """Return a paper's repository by its id, if it has one; raises TryLater."""
        url = f"{self._url}/{quote(arxiv.query_id(number), safe='')}"
        try:
            repository = hugging_face.parse_repository_url((await self._web.get(url)).body)
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
