"""Learns the records of papers from arXiv, and where their code is from Hugging Face."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import quote, urlencode, urlsplit

from bot.enrichment import arxiv, hugging_face
from bot.lib.backoff import Pause
from bot.lib.clock import Clock, until
from bot.model.papers import Origin
from bot.ports.archive import Records, Unlearnt
from bot.ports.errors import Refused, TryLater, Unavailable
from bot.ports.web import Fetch

BATCH = 100
"""How many papers one question to arXiv is about; it takes as many as an address can hold."""

APART = timedelta(seconds=3)
"""Between an answer of arXiv and the next question; see https://info.arxiv.org/help/api/tou.html."""

_SOUGHT = 20
"""How many papers Hugging Face is asked about before new weeks have their turn again."""

_LOOKS = timedelta(minutes=1)
"""How often it is looked for papers that nobody was asked about."""

_REFUSALS = 20
"""After so many refusals of one batch it is left for later."""

_TAKEN = "another Paperboy on this database is learning them already"

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where is asked."""

    arxiv: str
    """The query interface of arXiv's API."""
    hugging_face: str = ""
    """What stands before an arXiv id in the addresses of Hugging Face's API; empty for not."""


@dataclass(frozen=True, slots=True)
class Enriched:
    """What was learnt."""

    records: int = 0
    unknown: int = 0
    """Papers that arXiv does not know."""
    repositories: int = 0
    left: int = 0
    """How many papers somebody is still to be asked about."""
    reasons: tuple[str, ...] = ()
    """Why it was not gone on, a sentence for each service."""
    is_taken: bool = False
    """Whether another program on the same database is at it."""


class Enrichment:
    """Asks both services, one question at a time; what fails is asked again later."""

    def __init__(self, records: Records, fetch: Fetch, addresses: Addresses, clock: Clock) -> None:
        self._records = records
        self._fetch = fetch
        self._addresses = addresses
        self._clock = clock
        self._may_ask_at = float("-inf")
        self._pauses = {origin: Pause() for origin in Origin}

    async def run(self, stop: asyncio.Event) -> None:
        """Learn what is wanted until told to stop; what is under way then is left."""
        await until(stop, self._go())

    async def finish(
        self, patience: timedelta, tell: Callable[[Enriched], None] = lambda _: None
    ) -> Enriched:
        """Learn all that is wanted; `tell` hears after each step what was learnt so far.

        A service that wants to be left alone for longer than the patience is.
        """
        whole = Enriched()
        while True:
            step = await self.step()
            whole = replace(
                step,
                records=whole.records + step.records,
                unknown=whole.unknown + step.unknown,
                repositories=whole.repositories + step.repositories,
            )
            tell(whole)
            if not step.left:
                return whole
            seconds = self._idle_for(step)
            if seconds > patience.total_seconds():
                return whole
            await self._clock.sleep(seconds)

    async def step(self) -> Enriched:
        """Learn every record that is wanted, and where the code of some papers is.

        Of two programs on one database one alone asks, as both together would be impolite.
        """
        with self._records.learning() as is_ours:
            if not is_ours:
                wants = await self._records.wanted(Origin.ARXIV, 0, self._clock.now())
                return Enriched(left=wants.total, reasons=(_TAKEN,), is_taken=True)
            found = await self._learn_records()
            return await self._learn_repositories(found)

    async def _go(self) -> None:
        while True:
            await self._clock.sleep(await self._safely())

    async def _safely(self) -> float:
        """Take a step; return for how many seconds nothing is to be done."""
        try:
            step = await self.step()
        except Unavailable as error:
            _LOG.error("records are not learnt: %s", error)
            return _LOOKS.total_seconds()
        except Exception:  # noqa: BLE001 - papers are read without their records also
            _LOG.exception("records are not learnt")
            return _LOOKS.total_seconds()
        if step.records or step.unknown or step.repositories:
            _LOG.info(
                "learnt: records %d, unknown to arXiv %d, repositories %d; left %d",
                step.records, step.unknown, step.repositories, step.left,
            )  # fmt: skip
        for reason in () if step.is_taken else step.reasons:
            _LOG.warning("asked again later: %s", reason)
        return min(self._idle_for(step), _LOOKS.total_seconds())

    def _idle_for(self, step: Enriched) -> float:
        """Return for how many seconds there is nobody to ask."""
        if step.is_taken or not step.left:
            return _LOOKS.total_seconds()
        now = self._clock.ticks()
        return min(max(pause.until - now, 0.0) for pause in self._pauses.values() if pause.wants)

    async def _learn_records(self) -> Enriched:
        pause, found = self._pauses[Origin.ARXIV], Enriched()
        while True:
            wants = await self._records.wanted(Origin.ARXIV, BATCH, self._clock.now())
            pause.wants = bool(wants.numbers)
            found = replace(found, left=wants.total)
            if not wants.numbers or pause.until > self._clock.ticks():
                return found
            batch = _Batch(self._records, self._clock)
            try:
                await self._ask(batch, wants.numbers)
            except TryLater as later:
                pause.begin(later.after, self._clock.ticks())
                reason = f"{_name(self._addresses.arxiv)}: {later}"
                found = replace(found, reasons=(*found.reasons, reason))
            else:
                pause.end()
            found = replace(
                found,
                records=found.records + batch.records,
                unknown=found.unknown + batch.unknown,
            )

    async def _ask(self, batch: "_Batch", numbers: Sequence[str]) -> None:
        """Ask arXiv about papers; one at which it finds the whole question wrong is found out.

        Raises TryLater; what was answered before is kept.
        """
        questions, refusals, reason = [numbers], 0, ""
        while questions:
            part = questions.pop()
            answer = await self._question(part)
            if isinstance(answer, arxiv.Answer):
                await batch.keep(answer, part)
                continue
            refusals, reason = refusals + 1, answer
            if refusals > _REFUSALS:
                break
            if len(part) == 1:
                batch.suspect(part[0], reason)
            else:
                middle = len(part) // 2
                questions += [part[middle:], part[:middle]]
        # Of one paper alone it cannot be told what is wrong; a day's wait does no harm.
        if not await batch.close(is_sure=len(numbers) == 1) or questions:
            raise TryLater(None, reason)

    async def _question(self, numbers: Sequence[str]) -> arxiv.Answer | str:
        """Return arXiv's answer, or why it refuses the question; raises TryLater."""
        query = urlencode(
            {"id_list": ",".join(map(arxiv.asked_as, numbers)), "max_results": len(numbers)},
            safe=",/",
        )
        await self._clock.sleep(max(self._may_ask_at - self._clock.ticks(), 0))
        try:
            fetched = await self._fetch.get(f"{self._addresses.arxiv}?{query}")
            answer = arxiv.read(fetched.body, numbers)
        except Refused as refused:
            return refused.reason
        except arxiv.Busy:
            raise TryLater(None, "it says “Rate exceeded.”") from None
        except arxiv.Unreadable as error:
            raise TryLater(None, f"the answer cannot be read: {error}") from None
        finally:
            self._may_ask_at = self._clock.ticks() + APART.total_seconds()
        if answer.errors:
            return answer.errors[0]
        # Now and then nothing comes in place of an error.
        return answer if answer.records or len(numbers) == 1 else "it knows none of them"

    async def _learn_repositories(self, found: Enriched) -> Enriched:
        if not self._addresses.hugging_face:
            return found
        pause = self._pauses[Origin.HUGGING_FACE]
        wants = await self._records.wanted(Origin.HUGGING_FACE, _SOUGHT, self._clock.now())
        if wants.numbers and pause.until <= self._clock.ticks():
            found, learnt = await self._seek_all(wants.numbers, found)
        else:
            learnt = 0
        pause.wants = wants.total > learnt
        return replace(found, left=found.left + wants.total - learnt)

    async def _seek_all(self, numbers: Sequence[str], found: Enriched) -> tuple[Enriched, int]:
        """Ask about papers; return what was found, and how many were answered."""
        pause = self._pauses[Origin.HUGGING_FACE]
        urls: dict[str, str] = {}
        failed: list[Unlearnt] = []
        for number in numbers:
            try:
                urls |= await self._seek(number, failed)
            except TryLater as later:
                pause.begin(later.after, self._clock.ticks())
                reason = f"{_name(self._addresses.hugging_face)}: {later}"
                found = replace(found, reasons=(*found.reasons, reason))
                break
            pause.end()
        now = self._clock.now()
        if urls:
            await self._records.keep_repositories(urls, now)
        if failed:
            await self._records.keep_unlearnt(Origin.HUGGING_FACE, failed, now)
        return replace(found, repositories=len(urls)), len(urls) + len(failed)

    async def _seek(self, number: str, failed: list[Unlearnt]) -> dict[str, str]:
        """Return the address of a paper's code by its id, if there is one; raises TryLater."""
        url = f"{self._addresses.hugging_face}/{quote(arxiv.asked_as(number), safe='')}"
        try:
            repository = hugging_face.repository((await self._fetch.get(url)).body)
        except Refused as refused:
            failed.append(Unlearnt(number, refused.reason))
            return {}
        except hugging_face.Unreadable as error:
            raise TryLater(None, f"the answer cannot be read: {error}") from None
        if not repository:
            failed.append(Unlearnt(number, "it names no code"))
            return {}
        return {number: repository}


class _Batch:
    """Keeps what comes of one batch of papers."""

    def __init__(self, records: Records, clock: Clock) -> None:
        self.records = 0
        self.unknown = 0
        self._kept = records
        self._clock = clock
        self._suspects: list[Unlearnt] = []
        self._was_answered = False

    async def keep(self, answer: arxiv.Answer, asked: Sequence[str]) -> None:
        """Keep an answer: the records, and which papers arXiv does not know."""
        self._was_answered = True
        if answer.records:
            await self._kept.keep_records(answer.records, self._clock.now())
        self.records += len(answer.records)
        missing = [number for number in asked if number not in answer.records]
        await self._forgo([Unlearnt(number, "arXiv does not know it") for number in missing])

    def suspect(self, number: str, reason: str) -> None:
        """Remember a paper at which arXiv refuses to answer."""
        self._suspects.append(Unlearnt(number, reason))

    async def close(self, *, is_sure: bool) -> bool:
        """Keep the suspects, unless arXiv refused everything; return whether they were kept."""
        is_sure = is_sure or self._was_answered
        if is_sure:
            await self._forgo(self._suspects)
        return is_sure

    async def _forgo(self, unlearnt: Sequence[Unlearnt]) -> None:
        if unlearnt:
            await self._kept.keep_unlearnt(Origin.ARXIV, unlearnt, self._clock.now())
        self.unknown += len(unlearnt)


def _name(address: str) -> str:
    """Return the host of an address, for whoever reads why it was not asked."""
    return urlsplit(address).hostname or address
