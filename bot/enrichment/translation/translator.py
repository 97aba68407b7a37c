"""Makes the texts that papers and issues lack, checks and repairs them, keeps what passes."""

import asyncio
import hashlib
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta

from bot.enrichment.translation import introductions, prompts
from bot.enrichment.translation.budget import Budget, BudgetSpent
from bot.enrichment.translation.checks import Draft, find_faults
from bot.enrichment.translation.faults import Fault
from bot.enrichment.translation.glossary import Glossary
from bot.enrichment.translation.introductions import find_introduction_faults
from bot.enrichment.translation.model_requests import ModelRequests
from bot.enrichment.translation.progress import TranslationProgress
from bot.enrichment.translation.run import TranslationResult, TranslationRun
from bot.lib.clock import Clock, run_until, wait_for_event
from bot.ports.errors import Refused, StorageUnavailable, TryLater
from bot.ports.language_model import LanguageModel, RequestTooLong
from bot.ports.translations import (
    CheckedText,
    PendingPaper,
    PendingText,
    TranslationScope,
    TranslationStore,
)

_BATCH_SIZE = 500
"""Papers that are read from the archive at once; their texts are a few hundred kilobytes."""

_POLL_INTERVAL = timedelta(minutes=1)
"""How often the archive is checked for texts to translate."""

_RUNNING_ELSEWHERE = "Another Paperboy on this database is translating already."
_UNREADABLE = "The model gave no answer of the wanted form."
_TOO_LONG = "The text is longer than the model takes."

_LOG = logging.getLogger(__name__)


class Translator:
    """Makes the texts of a few papers side by side, and saves each paper when it is done."""

    def __init__(  # noqa: PLR0913 - each is a part of its own
        self,
        store: TranslationStore,
        model: LanguageModel,
        glossary: Glossary,
        budget: Budget,
        clock: Clock,
        *,
        concurrency: int = 1,
    ) -> None:
        """Translate with a model; `concurrency` requests at most are open at once."""
        self._concurrency = concurrency
        self._store = store
        self._model = model
        self._glossary = glossary
        self._budget = budget
        self._clock = clock

    async def run(
        self, progress: TranslationProgress, stop: asyncio.Event, on_done: Callable[[], None]
    ) -> None:
        """Translate what is missing until `stop` is set; a running request is cancelled.

        Looks for it now and then, and at once when `progress.has_news` is set. `on_done` is called
        when nothing is left to be waited for: all is made, or nothing can be.
        """
        await run_until(stop, self._run_forever(progress, on_done))

    async def run_once(
        self,
        scope: TranslationScope,
        on_progress: Callable[[TranslationResult], None] = lambda _: None,
    ) -> TranslationResult:
        """Translate all that is missing, unless the endpoint or a ceiling ends it.

        Only one process on a database does so at a time.
        """
        with self._store.translation_lock() as is_ours:
            if not is_ours:
                return TranslationResult(reason=_RUNNING_ELSEWHERE, retry_after=_POLL_INTERVAL)
            return await self._translate_all(scope, on_progress)

    async def _translate_all(
        self, scope: TranslationScope, on_progress: Callable[[TranslationResult], None]
    ) -> TranslationResult:
        requests = ModelRequests(self._store, self._model, self._budget, self._clock)
        run = TranslationRun(scope, requests, on_progress)
        while run.begin(
            await self._store.pending_translations(scope, _BATCH_SIZE + len(run.done))
        ):
            try:
                async with asyncio.TaskGroup() as workers:
                    for _ in range(self._concurrency):
                        workers.create_task(self._work(run))
            except ExceptionGroup as errors:
                # What failed in one worker is told as it would be of one alone.
                raise errors.exceptions[0] from None
            if run.has_ended:
                break
        return run.result

    async def _work(self, run: TranslationRun) -> None:
        """Translate one waiting paper after another."""
        while paper := run.next_paper():
            try:
                texts = await self._make_texts(run.requests, paper)
            except (TryLater, Refused, BudgetSpent) as error:
                run.end(error)
                return
            now = self._clock.now()
            await self._store.save_translations(paper, texts, run.scope.recipe, now)
            run.count(texts)

    async def _make_texts(
        self, requests: ModelRequests, paper: PendingPaper
    ) -> tuple[CheckedText, ...]:
        context = " ".join(text.source for text in paper.texts)
        texts: list[CheckedText] = []
        for group in _by_direction(paper.texts):
            if group[0].language == group[0].source_language:
                texts += [await self._write_introduction(requests, text) for text in group]
                continue
            drafts = await self._translate_group(requests, group)
            for text in group:
                made = drafts[text.field]
                if not made.fault:
                    made = await self._check(requests, text, made.text, context)
                texts.append(made)
        return tuple(texts)

    async def _translate_group(
        self, requests: ModelRequests, texts: Sequence[PendingText]
    ) -> Mapping[str, CheckedText]:
        """Return drafts by field: all at once, else one at a time."""
        fault = _UNREADABLE
        try:
            found = await requests.ask(
                prompts.prompt(texts, self._glossary), prompts.request(texts)
            )
        except RequestTooLong:
            found, fault = None, _TOO_LONG
        model = requests.usage.model
        if found is not None:
            return {text.field: _checked(text, found[text.field], "", model) for text in texts}
        if len(texts) == 1:
            return {texts[0].field: _checked(texts[0], "", fault, model)}
        drafts: dict[str, CheckedText] = {}
        for text in texts:
            drafts |= await self._translate_group(requests, [text])
        return drafts

    async def _check(
        self, requests: ModelRequests, text: PendingText, draft: str, context: str
    ) -> CheckedText:
        """Return a translation as it may be kept; it is repaired once."""
        translation, faults = self._find_faults(text, draft, context)
        if faults:
            prompt = prompts.prompt([text], self._glossary).with_addition(prompts.REPAIR)
            asked = prompts.repair_request(text, translation, faults)
            repaired = await _ask_for_repair(requests, prompt, asked)
            if repaired is not None:
                translation, faults = self._find_faults(text, repaired[text.field], context)
        return _checked(text, translation, _join(faults), requests.usage.model)

    def _find_faults(
        self, text: PendingText, draft: str, context: str
    ) -> tuple[str, tuple[Fault, ...]]:
        """Return the draft with the glossary's terms, and what is wrong with it."""
        translation = self._glossary.apply(draft) if text.language == "ko" else draft
        checked = Draft(
            text.source,
            translation,
            text.language,
            text.source_language,
            is_title=text.field == "title",
            context=context if text.field == "title" else "",
        )
        return translation, find_faults(checked, self._glossary)

    async def _write_introduction(self, requests: ModelRequests, text: PendingText) -> CheckedText:
        """Return an introduction of an issue's papers; it is repaired once."""
        prompt = introductions.prompt(text.language)
        try:
            found = await requests.ask(prompt, text.source)
        except RequestTooLong:
            return _checked(text, "", _TOO_LONG, requests.usage.model)
        if found is None:
            return _checked(text, "", _UNREADABLE, requests.usage.model)
        written, faults = self._find_introduction_faults(text, found)
        if faults:
            asked = introductions.repair_request(text.source, written, faults)
            repaired = await _ask_for_repair(
                requests, prompt.with_addition(introductions.REPAIR), asked
            )
            if repaired is not None:
                written, faults = self._find_introduction_faults(text, repaired)
        return _checked(text, written, _join(faults), requests.usage.model)

    def _find_introduction_faults(
        self, text: PendingText, found: Mapping[str, str]
    ) -> tuple[str, tuple[Fault, ...]]:
        written = introductions.join_paragraphs([found[name] for name in introductions.PARAGRAPHS])
        if text.language == "ko":
            written = self._glossary.apply(written)
        return written, find_introduction_faults(
            text.source, written, text.language, self._glossary
        )

    async def _run_forever(
        self, progress: TranslationProgress, on_done: Callable[[], None]
    ) -> None:
        while True:
            progress.has_news.clear()
            seconds, may_be_woken = await self._run_once_safely(progress, on_done)
            if may_be_woken:
                await wait_for_event(progress.has_news, seconds, self._clock)
            else:
                await self._clock.sleep(seconds)

    async def _run_once_safely(
        self, progress: TranslationProgress, on_done: Callable[[], None]
    ) -> tuple[float, bool]:
        """Run once, log the outcome, and return the seconds until the next run; news may end them.

        What the endpoint or a ceiling put off is not asked for sooner.
        """
        try:
            found = await self.run_once(progress.scope)
        except StorageUnavailable as error:
            _LOG.error("Failed to translate", extra={"fields": {"reason": str(error)}})
            return _POLL_INTERVAL.total_seconds(), False
        except Exception:  # noqa: BLE001 - the bot works without translations too
            _LOG.exception("Failed to translate")
            return _POLL_INTERVAL.total_seconds(), False
        if found.kept or found.failed:
            fields = {
                "kept": found.kept, "failed": found.failed,
                "tokens": found.usage.tokens, "cost": round(found.usage.cost, 6),
            }  # fmt: skip
            _LOG.info("Translated texts", extra={"fields": fields})
        if found.reason and found.reason != _RUNNING_ELSEWHERE:
            _LOG.warning("Translating later", extra={"fields": {"reason": found.reason}})
        was_stalled, progress.is_stalled = progress.is_stalled, found.is_stalled
        is_finished = not found.reason and (found.kept or found.failed)
        if is_finished or (found.is_stalled and not was_stalled):
            on_done()
        return (found.retry_after or _POLL_INTERVAL).total_seconds(), not found.reason


def recipe(model: str, glossary: Glossary) -> str:
    """Return what identifies a model and a glossary; other ones make other texts."""
    return hashlib.sha256(f"{model}\n{glossary.fingerprint}".encode()).hexdigest()[:16]


async def _ask_for_repair(
    requests: ModelRequests, prompt: prompts.Prompt, text: str
) -> Mapping[str, str] | None:
    """Return the answer; None where it is unreadable, or asking takes more than the model does."""
    try:
        return await requests.ask(prompt, text)
    except RequestTooLong:
        return None


def _by_direction(texts: Sequence[PendingText]) -> Iterable[Sequence[PendingText]]:
    directions = dict.fromkeys((text.source_language, text.language) for text in texts)
    for direction in directions:
        yield [text for text in texts if (text.source_language, text.language) == direction]


def _checked(text: PendingText, translation: str, fault: str, model: str) -> CheckedText:
    return CheckedText(text.source_language, text.source, text.language, translation, fault, model)


def _join(faults: Sequence[Fault]) -> str:
    return " ".join(fault.message for fault in faults)
