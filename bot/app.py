"""Puts the parts together: settings, platforms, storage, sources and the runtime."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

import platformdirs

from adapters import (
    LibraryMissing,
    connect,
    get_layouts,
    get_mention_syntax,
    options_types,
    sentence_encoder,
)
from bot.commands.context import Context
from bot.delivery.recorder import DeliveryTiming
from bot.enrichment.enricher import ApiUrls, Enricher
from bot.enrichment.translation.budget import Budget
from bot.enrichment.translation.glossary import Glossary
from bot.enrichment.translation.translator import Translator
from bot.lib.clock import SystemClock
from bot.model.access import Audience, ThreadPermission
from bot.model.mentions import MentionSyntax
from bot.model.subscriptions import Layout
from bot.model.weeks import Week
from bot.papers.tag_scores import TagWeights
from bot.papers.tagging import Vocabulary, infer_tags
from bot.ports.embedder import Embedder
from bot.ports.language_model import LanguageModel
from bot.ports.options import PlatformOptions
from bot.ports.platform import Platform, SupportsSecrets
from bot.ports.secrets import SecretStore
from bot.ports.translations import TranslationScope
from bot.ports.web import WebClient
from bot.runtime import Runtime
from bot.search.description import Thesaurus
from bot.search.vectorizer import Vectorizer
from bot.sources.crawlers.pages import CrawlTools, Source
from bot.sources.daily_weeks import WeeklySelection
from bot.sources.importer import ImportResult, import_source
from bot.sources.poll_interval import PollInterval
from bot.sources.poller import Poller
from bot.sources.sync import Synchronizer
from config import catalogues, glossary, terms, vocabulary
from config import settings as configuration
from config.settings import Settings
from config.sources import parse_week_time
from storage import file_identity
from storage.addresses import find_database
from storage.database import Database
from storage.store import ArchiveStore


@asynccontextmanager
async def open_archive(
    settings: Settings, warn: Callable[[str], None] = lambda _: None
) -> AsyncIterator[Context]:
    """Yield the context of commands on the archive of the settings, its tables up to date.

    `warn` is called with what an operator should know, such as where a copy was put before an
    upgrade.
    Raises `storage.database.DatabaseUnusable`.
    """
    database = find_database(settings.database_url)
    refuse_foreign_log(database, warn)
    backup = await asyncio.to_thread(database.prepare)
    await asyncio.to_thread(file_identity.renew, database)
    if backup:
        warn(f"The archive was brought up to date; the one before is kept as {backup}.")
    store = ArchiveStore.open(database)
    try:
        found = build_context(settings, store)
        await store.apply_vocabulary(
            found.vocabulary.fingerprint, lambda paper: infer_tags(found.vocabulary, paper)
        )
        yield found
    finally:
        await store.close()


def refuse_foreign_log(database: Database, warn: Callable[[str], None]) -> None:
    """Set aside what would corrupt an archive that was put there by hand, and say so."""
    if kept := file_identity.set_aside_foreign_log(database):
        warn(
            f"{database.name} was put in the place of another file, whose write-ahead log was "
            "still there. It would have corrupted the file, and was not applied; it is kept as "
            f"{kept[0]}. To put a copy back, `paperboy restore FILE` is the safe way."
        )


def build_context(settings: Settings, store: ArchiveStore) -> Context:
    """Return the context of commands on an open store."""
    zone = ZoneInfo(settings.zone)
    tags = Vocabulary.of(vocabulary.load(), TagWeights.of(vocabulary.load_weights()))
    return Context(
        archive=store,
        curation=store,
        records=store,
        vectors=store,
        embedder=sentence_encoder.connect(),
        translations=store,
        vocabulary=tags,
        thesaurus=Thesaurus.of(glossary.load(), tags, glossary.load_synonyms()),
        catalogues=catalogues.load(),
        language=settings.language,
        series=settings.series,
        today=lambda: today(zone),
        version=version("paperboy"),
        ledger=store.ledger(),
        source_states=store.register(),
        now=lambda: datetime.now(UTC),
        source_series=frozenset(each.series for each in enabled_sources(settings)),
        zone=settings.zone,
        platforms=frozenset(_configured(settings)),
        layouts=_layouts,
        mention_syntax=_mention_syntax,
        audience=Audience(
            frozenset(settings.answers.everyone),
            {name: frozenset(each) for name, each in settings.answers.channels.items()},
        ),
        public_url=settings.site.public_url,
        discussion_permission=ThreadPermission(settings.discussions),
    )


def load_settings(path: Path | None = None) -> Settings:
    """Return the settings, with a section for each platform; see `config.settings.load`."""
    return configuration.load(path, settings_type())


def settings_type() -> type[Settings]:
    """Return the type of the settings, with a section for each platform that there is."""
    return configuration.with_platforms(options_types())


def platform_options(settings: Settings) -> dict[str, PlatformOptions]:
    """Return the settings of every platform, configured or not, by its name."""
    return cast("dict[str, PlatformOptions]", settings.platforms)


def _configured(settings: Settings) -> dict[str, PlatformOptions]:
    return {
        name: options
        for name, options in platform_options(settings).items()
        if options.is_configured
    }


def _layouts(platform: str) -> Sequence[Layout]:
    try:
        return get_layouts(platform)
    except LookupError:
        return tuple(Layout)


def _mention_syntax(platform: str) -> MentionSyntax:
    try:
        return get_mention_syntax(platform)
    except LookupError:
        return MentionSyntax()


def connect_platforms(settings: Settings) -> tuple[Platform, ...]:
    """Return the platforms that are configured; nothing is sent yet.

    Raises `adapters.LibraryMissing` where the library of one is not installed.
    """
    found = tuple(connect(name, options) for name, options in _configured(settings).items())
    for platform in found:
        if isinstance(platform, SupportsSecrets) and platform.secret_keys:
            platform.use_secret_store(_secret_store(settings, platform.name, platform.secret_keys))
    return found


def connect_platform(settings: Settings, name: str) -> Platform:
    """Return a platform, configured or not, to ask it what is to be done before it is used.

    Raises LookupError where there is no such platform, `adapters.LibraryMissing` where its library
    is not installed.
    """
    return connect(name, platform_options(settings)[name])


def _secret_store(settings: Settings, name: str, keys: Sequence[str]) -> SecretStore:
    # Only platforms with secrets to keep need the cryptography package.
    from storage.secrets.vault import EncryptedSecretStore as Sealed  # noqa: PLC0415

    return Sealed.open(find_database(settings.database_url), name, keys)


def delivery_timing(settings: Settings) -> DeliveryTiming:
    """Return the times that outboxes keep to."""
    wanted = settings.delivery
    return DeliveryTiming(
        lease=timedelta(seconds=wanted.lease_seconds),
        settle_time=timedelta(seconds=wanted.settle_seconds),
        poll_interval=timedelta(seconds=wanted.poll_seconds),
        initial_backoff=timedelta(seconds=wanted.first_retry_seconds),
        max_backoff=timedelta(seconds=wanted.longest_retry_seconds),
        give_up_after=timedelta(hours=wanted.give_up_hours),
    )


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


async def serve(
    settings: Settings, context: Context, served: Sequence[Platform], stop: asyncio.Event
) -> None:
    """Post what is due, answer requests and load new weeks, until `stop` is set.

    Raises Refused where every platform refused the account, `adapters.LibraryMissing` where the
    library for translation is not installed.
    """
    if settings.translation.enabled:
        # What is missing is told at the start, not in a task that ends in silence.
        async with open_language_model(settings):
            pass
    service = Runtime(
        context, delivery_timing(settings), timedelta(seconds=settings.delivery.tick_seconds)
    )
    loading = asyncio.create_task(run_ingestion(settings, context, stop, service.wake))
    try:
        await service.run(served, stop)
    finally:
        stop.set()
        await loading


async def run_ingestion(
    settings: Settings,
    context: Context,
    stop: asyncio.Event,
    wake: Callable[[], None] = lambda: None,
) -> None:
    """Load new weeks, the records of their papers and their vectors until `stop` is set.

    `wake` is called when weeks came.
    """
    wanted = enabled_sources(settings) if settings.sync.enabled else ()
    async with open_web(settings) as web:
        brings = build_sync(settings, context, web)
        rounds = Poller(wanted, brings, context.source_states, SystemClock(), wake)
        chores = [rounds.run(stop)] if wanted else []
        if context.embedder is not None:
            chores.append(build_vectorizer(context, context.embedder).run(stop))
        if settings.record.enabled:
            chores.append(build_enrichment(settings, context, web).run(stop))
        if settings.translation.enabled:
            chores.append(_translate(settings, context, stop))
        await asyncio.gather(*chores)


async def _translate(settings: Settings, context: Context, stop: asyncio.Event) -> None:
    async with open_language_model(settings) as model:
        translator = build_translator(settings, context, model)
        await translator.run(translation_scope(settings), stop)


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
        context.translations, model, Glossary.of(terms.load()), budget, SystemClock()
    )


def translation_scope(
    settings: Settings, weeks: Sequence[Week] = (), *, again: bool = False
) -> TranslationScope:
    """Return what is to be translated: the named weeks, else the newest ones."""
    wanted = settings.translation
    return TranslationScope(wanted.languages, wanted.weeks, tuple(weeks), again)


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


def build_enrichment(settings: Settings, context: Context, web: WebClient) -> Enricher:
    """Return the enricher, which fetches the records of papers."""
    wanted = settings.record
    return Enricher(
        context.records,
        web,
        ApiUrls(wanted.arxiv_url, wanted.hugging_face_url),
        SystemClock(),
    )


def build_vectorizer(context: Context, embedder: Embedder) -> Vectorizer:
    """Return what computes the vectors of papers."""
    return Vectorizer(context.vectors, embedder, SystemClock())


def today(zone: ZoneInfo) -> date:
    """Return the current date in a zone."""
    return datetime.now(zone).date()


async def import_sample(context: Context) -> tuple[ImportResult, ...]:
    """Load the bundled weeks."""
    folder = resources.files("config") / "sample"
    files = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".yaml")),
        key=lambda file: file.name,
    )
    return tuple(
        [
            await import_source(context.archive, context.vocabulary, file.read_bytes(), file.name)
            for file in files
        ]
    )


async def import_sample_if_empty(context: Context) -> bool:
    """Load the bundled weeks into an archive that has none; return whether it was so."""
    totals = await context.archive.totals()
    if totals.issues:
        return False
    await import_sample(context)
    return True


def chat_history_file(settings: Settings) -> Path:
    """Return the path of the terminal chat's history."""
    file = find_database(settings.database_url).file
    folder = file.parent if file else platformdirs.user_data_path("paperboy", appauthor=False)
    return folder / "chat-history"
