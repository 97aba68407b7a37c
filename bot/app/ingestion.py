"""Builds what brings weeks, records, translations and vectors into the archive."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from importlib.metadata import version

from adapters import (
    LibraryMissing,
)
from bot.commands.context import Context
from bot.enrichment.enricher import ApiUrls, Enricher
from bot.enrichment.lookups import ArxivLookup
from bot.enrichment.translation.budget import Budget
from bot.enrichment.translation.glossary import Glossary
from bot.enrichment.translation.progress import TranslationProgress
from bot.enrichment.translation.translator import Translator, recipe
from bot.lib.clock import SystemClock
from bot.model.weeks import Week
from bot.ports.embedder import Embedder
from bot.ports.language_model import LanguageModel
from bot.ports.translations import TranslationScope
from bot.ports.web import WebClient
from bot.search.vectorizer import Vectorizer
from bot.sources.crawlers.pages import CrawlTools, Source
from bot.sources.daily_weeks import WeeklySelection
from bot.sources.poll_interval import PollInterval
from bot.sources.poller import Poller
from bot.sources.sync import Synchronizer
from config import terms
from config.settings import Settings
from config.sources import parse_week_time


@asynccontextmanager
async def open_web(settings: Settings) -> AsyncIterator[WebClient]:
    """Yield the HTTP client for sources and records."""
    # Its client takes a while to import, and much is done without it.
    from adapters.http import connect as connect_web  # noqa: PLC0415

    wanted = settings.web
    web = connect_web(
        {
            "version": version("paperboy"),
            "contact": wanted.contact,
            "proxy": wanted.proxy.get_secret_value(),
            "private_hosts": wanted.private_hosts,
            "redirect_hosts": wanted.redirect_hosts,
            "interval": timedelta(seconds=wanted.interval_seconds),
            "intervals": {
                host: timedelta(seconds=seconds) for host, seconds in wanted.intervals.items()
            },
        }
    )
    try:
        yield web
    finally:
        await web.close()


async def run_ingestion(  # noqa: PLR0913 - what its chores share with the rest of the program
    settings: Settings,
    context: Context,
    stop: asyncio.Event,
    wake: Callable[[], None] = lambda: None,
    progress: TranslationProgress | None = None,
    *,
    arxiv: ArxivLookup | None = None,
) -> None:
    """Load new weeks, records, vectors and translations of papers until `stop` is set.

    `wake` is called when weeks came, and when what they lacked was translated. `progress` is what
    digests wait by, if there are any. `arxiv` is what others ask arXiv through too.
    """
    wanted = enabled_sources(settings) if settings.sync.enabled else ()
    progress = progress or translation_progress(settings, context)

    def tell_of_weeks() -> None:
        wake()
        if progress is not None:
            progress.has_news.set()

    async with open_web(settings) as web:
        brings = build_sync(settings, context, web)
        rounds = Poller(wanted, brings, context.source_states, SystemClock(), tell_of_weeks)
        chores = [rounds.run(stop)] if wanted else []
        if context.embedder is not None:
            chores.append(build_vectorizer(context, context.embedder).run(stop))
        if settings.record.enabled:
            chores.append(build_enrichment(settings, context, web, arxiv).run(stop))
        if progress is not None:
            chores.append(_translate(settings, context, progress, stop, wake))
        await asyncio.gather(*chores)


async def _translate(
    settings: Settings,
    context: Context,
    progress: TranslationProgress,
    stop: asyncio.Event,
    wake: Callable[[], None],
) -> None:
    async with open_language_model(settings) as model:
        translator = build_translator(settings, context, model)
        await translator.run(progress, stop, wake)


@asynccontextmanager
async def open_language_model(settings: Settings) -> AsyncIterator[LanguageModel]:
    """Yield the language model of the settings.

    Raises `adapters.LibraryMissing` where its library is not installed.
    """
    from adapters.openai import connect as connect_model  # noqa: PLC0415 - its import takes a while

    wanted = settings.translation
    try:
        model = connect_model(
            wanted.base_url,
            wanted.model,
            wanted.key.get_secret_value(),
            timedelta(seconds=wanted.timeout_seconds),
        )
    except ModuleNotFoundError as error:
        raise LibraryMissing("translation", error.name or str(error)) from error
    try:
        yield model
    finally:
        await model.close()


def build_translator(settings: Settings, context: Context, model: LanguageModel) -> Translator:
    """Return the translator, which makes the texts that papers lack."""
    wanted = settings.translation
    budget = Budget(
        prompt_price=wanted.prompt_price,
        completion_price=wanted.completion_price,
        daily_cost=wanted.daily_cost,
        monthly_cost=wanted.monthly_cost,
        daily_tokens=wanted.daily_tokens,
        monthly_tokens=wanted.monthly_tokens,
    )
    return Translator(
        context.translations,
        model,
        Glossary.of(terms.load()),
        budget,
        SystemClock(),
        concurrency=wanted.concurrency,
    )


def translation_progress(settings: Settings, context: Context) -> TranslationProgress | None:
    """Return what the running bot translates, and digests wait for; None where it is off."""
    if not settings.translation.enabled:
        return None
    return TranslationProgress(context.translations, translation_scope(settings))


def translation_scope(
    settings: Settings, weeks: Sequence[Week] = (), *, again: bool = False
) -> TranslationScope:
    """Return what is to be translated: the named weeks, else the newest ones."""
    wanted = settings.translation
    made_by = recipe(wanted.model, Glossary.of(terms.load()))
    return TranslationScope(wanted.languages, wanted.weeks, tuple(weeks), made_by, again)


def enabled_sources(settings: Settings) -> tuple[Source, ...]:
    """Return the sources that are set up and switched on."""
    return tuple(
        Source(
            name,
            each.kind,
            each.series,
            each.language,
            each.url,
            each.path,
            each.tag,
            WeeklySelection(each.papers, parse_week_time(each.closes), each.title),
        )
        for name, each in settings.sources.items()
        if each.enabled
    )


def build_sync(settings: Settings, context: Context, web: WebClient) -> Synchronizer:
    """Return the synchronizer of the archive with its sources."""
    wanted = settings.sync
    poll_interval = PollInterval(
        busy_interval=timedelta(minutes=wanted.busy_minutes),
        idle_interval=timedelta(hours=wanted.otherwise_hours),
        busy_from=parse_week_time(wanted.busy_from),
        busy_until=parse_week_time(wanted.busy_until),
    )
    means = CrawlTools(web, context.version, SystemClock())
    return Synchronizer(
        context.archive, context.source_states, context.vocabulary, means, poll_interval
    )


def build_enrichment(
    settings: Settings, context: Context, web: WebClient, arxiv: ArxivLookup | None = None
) -> Enricher:
    """Return the enricher, which fetches the records of papers."""
    wanted = settings.record
    return Enricher(
        context.records,
        web,
        ApiUrls(wanted.arxiv_url, wanted.hugging_face_url),
        SystemClock(),
        arxiv,
    )


@asynccontextmanager
async def open_arxiv(settings: Settings) -> AsyncIterator[ArxivLookup | None]:
    """Yield what asks arXiv for papers; None where the settings forbid it."""
    if not settings.record.enabled:
        yield None
        return
    async with open_web(settings) as web:
        yield ArxivLookup(web, settings.record.arxiv_url, SystemClock())


def build_vectorizer(context: Context, embedder: Embedder) -> Vectorizer:
    """Return what computes the vectors of papers."""
    return Vectorizer(context.vectors, embedder, SystemClock())
