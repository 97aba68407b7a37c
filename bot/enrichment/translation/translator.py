"""Translates what papers lack, checks it, repairs it once, and keeps what passes."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from bot.enrichment.translation import prompts
from bot.enrichment.translation.budget import Budget, BudgetSpent
from bot.enrichment.translation.checks import Draft, Fault, find_faults
from bot.enrichment.translation.glossary import Glossary
from bot.lib.backoff import Backoff, BackoffPolicy
from bot.lib.clock import Clock, run_until
from bot.ports.errors import Refused, StorageUnavailable, TryLater
from bot.ports.language_model import Completion, LanguageModel, RequestTooLong
from bot.ports.translations import (
    CheckedText,
    ModelUsage,
    PendingPaper,
    PendingText,
    TranslationScope,
    TranslationStore,
)

_BATCH_SIZE = 500
"""Papers that are read from the archive at once; their texts are a few hundred kilobytes."""

_POLL_INTERVAL = timedelta(minutes=1)
"""How often the archive is checked for texts to translate."""

_AFTER_REFUSAL = timedelta(hours=1)
"""How long an endpoint is left alone that accepts no request, or a budget that is spent."""

_BACKOFF = BackoffPolicy(timedelta(seconds=5), timedelta(minutes=30))
_MAX_ATTEMPTS = 5
"""Requests in a row that fail before a run ends; the next one goes on."""

_RUNNING_ELSEWHERE = "Another Paperboy on this database is translating already."
_UNREADABLE = "The model gave no answer of the wanted form."
_TOO_LONG = "The text is longer than the model takes."

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TranslationResult:
    """The outcome of a run, in texts."""

    kept: int = 0
    failed: int = 0
    """Texts that failed the checks; they stay in the language of their source."""
    usage: ModelUsage = field(default_factory=ModelUsage)
    faults: tuple[str, ...] = ()
    """Why texts failed, for curators: a sentence each."""
    reason: str = ""
    """Why the run stopped early."""
    retry_after: timedelta | None = None


class Translator:
    """Sends one request at a time, and saves each paper before the next is begun."""

    def __init__(
        self,
        store: TranslationStore,
        model: LanguageModel,
        glossary: Glossary,
        budget: Budget,
        clock: Clock,
    ) -> None:
        self._store = store
        self._model = model
        self._glossary = glossary
        self._budget = budget
        self._clock = clock
        self._spent = ModelUsage()

    async def run(self, scope: TranslationScope, stop: asyncio.Event) -> None:
        """Translate what is missing until `stop` is set; a running request is cancelled."""
        await run_until(stop, self._run_forever(scope))

    async def run_once(
        self,
        scope: TranslationScope,
        on_progress: Callable[[TranslationResult], None] = lambda _: None,
    ) -> TranslationResult:
        """Translate all that is missing, unless the endpoint or a ceiling ends it.

        Only one process on a database does so at a time.
        """
        self._spent = ModelUsage()
        with self._store.translation_lock() as is_ours:
            if not is_ours:
                return TranslationResult(reason=_RUNNING_ELSEWHERE, retry_after=_POLL_INTERVAL)
            return await self._translate_all(scope, on_progress)

    async def _translate_all(
        self, scope: TranslationScope, on_progress: Callable[[TranslationResult], None]
    ) -> TranslationResult:
        found = TranslationResult()
        done: set[int] = set()
        while True:
            papers = await self._store.pending_translations(scope, _BATCH_SIZE + len(done))
            papers = tuple(paper for paper in papers if paper.paper_id not in done)
            if not papers:
                return replace(found, usage=self._spent)
            for paper in papers:
                # Texts that are made again stay pending; a paper is done once in a run.
                if scope.again:
                    done.add(paper.paper_id)
                try:
                    texts = await self._translate_paper(paper)
                except (TryLater, Refused, BudgetSpent) as error:
                    return replace(
                        found, usage=self._spent, reason=str(error), retry_after=_delay(error)
                    )
                await self._store.save_translations(paper.paper_id, texts, self._clock.now())
                found = _count(found, texts)
                on_progress(replace(found, usage=self._spent))

    async def _translate_paper(self, paper: PendingPaper) -> tuple[CheckedText, ...]:
        texts: list[CheckedText] = []
        for group in _by_direction(paper.texts):
            context = " ".join(text.source for text in paper.texts)
            drafts, model = await self._ask_for(group)
            for text in group:
                draft = drafts.get(text.field)
                if draft is None:
                    texts.append(_checked(text, "", _UNREADABLE, model))
                else:
                    texts.append(await self._check(text, draft, context, model))
        return tuple(texts)

    async def _ask_for(self, texts: Sequence[PendingText]) -> tuple[dict[str, str], str]:
        """Return translations by field, and the model: all at once, else one at a time."""
        found, model = await self._ask(texts, prompts.request(texts))
        if found is not None:
            return dict(found), model
        if len(texts) == 1:
            return {}, model
        drafts: dict[str, str] = {}
        for text in texts:
            one, model = await self._ask([text], prompts.request([text]))
            drafts |= one or {}
        return drafts, model

    async def _check(self, text: PendingText, draft: str, context: str, model: str) -> CheckedText:
        """Return the text as it may be kept; it is repaired once."""
        translation, faults = self._find_faults(text, draft, context)
        if faults:
            asked = prompts.repair_request(text, translation, faults)
            repaired, model = await self._ask([text], asked, prompts.REPAIR)
            if repaired is not None:
                translation, faults = self._find_faults(text, repaired[text.field], context)
        return _checked(text, translation, " ".join(fault.message for fault in faults), model)

    def _find_faults(
        self, text: PendingText, draft: str, context: str
    ) -> tuple[str, tuple[Fault, ...]]:
        """Return the draft with the glossary's terms, and what is wrong with it."""
        translation = self._glossary.apply(draft) if text.language == "ko" else draft
        checked = Draft(
            text.source,
            translation,
            text.language,
            is_title=text.field == "title",
            context=context if text.field == "title" else "",
        )
        return translation, find_faults(checked, self._glossary)

    async def _ask(
        self, texts: Sequence[PendingText], text: str, addition: str = ""
    ) -> tuple[dict[str, str] | None, str]:
        """Return the translations, or None where two answers in a row are not of the form."""
        told = prompts.instructions(texts, self._glossary) + addition
        model = ""
        for more in ("", prompts.MALFORMED):
            try:
                completion = await self._complete(told + more, text, texts)
            except RequestTooLong:
                return None, model
            model = completion.model
            found = prompts.read_answer(completion.text, texts)
            if found is not None:
                return dict(found), model
        return None, model

    async def _complete(self, told: str, text: str, texts: Sequence[PendingText]) -> Completion:
        """Send a request until it is answered; each answer is counted at once."""
        backoff = Backoff(_BACKOFF)
        for attempt in range(1, _MAX_ATTEMPTS + 1):
            await self._budget.check(self._store, self._clock.now())
            try:
                completion = await self._model.complete(told, text, prompts.schema(texts))
            except TryLater as later:
                if attempt == _MAX_ATTEMPTS:
                    raise
                delay = backoff.next_delay(minimum=later.retry_after)
                if delay > _POLL_INTERVAL:
                    raise
                await self._clock.sleep(delay.total_seconds())
                continue
            usage = self._budget.usage(completion)
            await self._store.save_model_usage(usage, self._clock.now())
            self._spent = _sum(self._spent, usage)
            return completion
        raise AssertionError("the last attempt returns or raises")

    async def _run_forever(self, scope: TranslationScope) -> None:
        while True:
            await self._clock.sleep(await self._run_once_safely(scope))

    async def _run_once_safely(self, scope: TranslationScope) -> float:
        """Run once, log the outcome, and return the seconds until the next run."""
        try:
            found = await self.run_once(scope)
        except StorageUnavailable as error:
            _LOG.error("Failed to translate", extra={"fields": {"reason": str(error)}})
            return _POLL_INTERVAL.total_seconds()
        except Exception:  # noqa: BLE001 - the bot works without translations too
            _LOG.exception("Failed to translate")
            return _POLL_INTERVAL.total_seconds()
        if found.kept or found.failed:
            fields = {
                "kept": found.kept, "failed": found.failed,
                "tokens": found.usage.tokens, "cost": round(found.usage.cost, 6),
            }  # fmt: skip
            _LOG.info("Translated texts", extra={"fields": fields})
        if found.reason and found.reason != _RUNNING_ELSEWHERE:
            _LOG.warning("Translating later", extra={"fields": {"reason": found.reason}})
        return (found.retry_after or _POLL_INTERVAL).total_seconds()


def _by_direction(texts: Sequence[PendingText]) -> Iterable[Sequence[PendingText]]:
    directions = dict.fromkeys((text.source_language, text.language) for text in texts)
    for direction in directions:
        yield [text for text in texts if (text.source_language, text.language) == direction]


def _checked(text: PendingText, translation: str, fault: str, model: str) -> CheckedText:
    return CheckedText(text.source_language, text.source, text.language, translation, fault, model)


def _count(found: TranslationResult, texts: Sequence[CheckedText]) -> TranslationResult:
    faults = [
        f"“{text.source[:60]}” ({text.language}): {text.fault}" for text in texts if text.fault
    ]
    return replace(
        found,
        kept=found.kept + len(texts) - len(faults),
        failed=found.failed + len(faults),
        faults=(*found.faults, *faults),
    )


def _sum(one: ModelUsage, other: ModelUsage) -> ModelUsage:
    return ModelUsage(
        other.model,
        one.prompt_tokens + other.prompt_tokens,
        one.completion_tokens + other.completion_tokens,
        one.cost + other.cost,
    )


def _delay(error: TryLater | Refused | BudgetSpent) -> timedelta:
    if isinstance(error, TryLater):
        return error.retry_after or _BACKOFF.maximum
    return _AFTER_REFUSAL
