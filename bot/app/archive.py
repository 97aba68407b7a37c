"""Opens the archive of the settings, and loads the bundled weeks into an empty one."""

import asyncio
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import platformdirs

from adapters import pictures, sentence_encoder
from bot.app.platforms import configured_platforms, find_layouts, find_mention_syntax
from bot.commands.context import Context
from bot.commands.usage import UsageCounter
from bot.lib.deferred import DeferredModule, load_all, make_later
from bot.model.access import Audience, CuratorAccess, ThreadPermission
from bot.model.channels import Target
from bot.model.discussions import Community
from bot.model.retention import Retention
from bot.model.review_rules import ReviewFallback, ReviewRules
from bot.model.source_edits import SourceEdits
from config import catalogues, vocabulary
from config.curation import CurationSettings
from config.settings import Settings
from storage import file_identity
from storage.addresses import find_database
from storage.database import Database
from storage.people.forgotten import forget_again
from storage.store import ArchiveStore

if TYPE_CHECKING:
    from bot.app import words
    from bot.commands import pictures as picture_studio
    from bot.papers import tagging
    from bot.sources import importer
    from bot.sources.importer import ImportResult
else:
    # A command that asks once starts without what it does not need.
    words = DeferredModule("bot.app.words")
    picture_studio = DeferredModule("bot.commands.pictures")
    tagging = DeferredModule("bot.papers.tagging")
    importer = DeferredModule("bot.sources.importer")

_RECORD_PATIENCE = timedelta(hours=1)
"""How long those who follow an author wait where the authors of new papers cannot be learnt."""


@asynccontextmanager
async def open_archive(
    settings: Settings,
    warn: Callable[[str], None] = lambda _: None,
    *,
    for_long: bool = False,
) -> AsyncIterator[Context]:
    """Yield the context of commands on the archive of the settings, its tables up to date.

    `warn` is called with what an operator should know, such as where a copy was put before an
    upgrade. `for_long`: whether the program goes on until it is told to end.
    Raises `storage.database.DatabaseUnusable`.
    """
    database = find_database(settings.database_url)
    refuse_foreign_log(database, warn)
    backup = await asyncio.to_thread(database.prepare)
    await asyncio.to_thread(file_identity.renew, database, even_unchanged=for_long)
    if forgotten := await asyncio.to_thread(forget_again, database, datetime.now(UTC)):
        warn(
            "The archive is an older copy; who asked to be forgotten since was forgotten again: "
            f"{forgotten}."
        )
    if backup:
        warn(f"The archive was brought up to date; the one before is kept as {backup}.")
    store = ArchiveStore.open(database, SourceEdits(settings.delivery.source_edits))
    try:
        found = build_context(settings, store)
        await store.require_present()
        await store.apply_vocabulary(
            vocabulary.fingerprint(), lambda paper: tagging.infer_tags(found.vocabulary, paper)
        )
        if for_long:
            load_all()
            words.load_all()
            # To look through all that stays takes a tenth of a second, in which an answer waits.
            gc.freeze()
        try:
            yield found
        finally:
            await found.usage.close()
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
    painter = pictures.connect()
    return Context(
        archive=store,
        curation=store,
        reports=make_later(store.reports),
        records=store,
        vectors=store,
        embedder=sentence_encoder.connect(),
        translations=make_later(store.translations),
        vocabulary=make_later(words.load_vocabulary),
        thesaurus=make_later(words.load_thesaurus),
        catalogues=catalogues.load(settings.translation.other_languages),
        language=settings.language,
        series=settings.series,
        today=lambda: today(zone),
        version=_version(),
        ledger=make_later(store.ledger),
        changes=store.database.change_feed(),
        usage=UsageCounter(store, lambda: datetime.now(UTC)),
        source_states=make_later(store.register),
        people=make_later(store.people),
        now=lambda: datetime.now(UTC),
        source_series=frozenset(each.series for each in settings.sources.values() if each.enabled),
        zone=settings.zone,
        platforms=frozenset(configured_platforms(settings)),
        layouts=find_layouts,
        mention_syntax=find_mention_syntax,
        audience=Audience(
            frozenset(settings.answers.everyone),
            {name: frozenset(each) for name, each in settings.answers.channels.items()},
            settings.answers.languages,
        ),
        retention=Retention(
            _days(settings.people.retention_days), _days(settings.people.copy_days)
        ),
        record_patience=_RECORD_PATIENCE if settings.record.enabled else timedelta(),
        communities=tuple(
            Community(tuple(map(_place, places))) for places in settings.communities.values()
        ),
        public_channels=tuple(map(_place, settings.site.public_channels)),
        pictures=picture_studio.PictureStudio(painter) if painter else None,
        public_url=settings.site.public_url,
        curators=CuratorAccess(
            frozenset(settings.curation.curators),
            frozenset(settings.curation.banned),
            settings.curation.reports_per_hour,
        ),
        reviews=make_later(store.reviews),
        conflicts=make_later(store.conflicts),
        review_rules=review_rules(settings.curation),
        discussion_permission=ThreadPermission(settings.discussions),
        discussion_cooldown=timedelta(seconds=settings.discussion_cooldown_seconds),
        has_prompts=settings.discussion_prompts,
    )


def review_rules(settings: CurationSettings) -> ReviewRules:
    """Return which series are reviewed, and what happens where no curator answers."""
    return ReviewRules(
        frozenset(name for name, wanted in settings.review.items() if wanted == "required"),
        ReviewFallback(settings.review_fallback),
        timedelta(hours=settings.review_notice_hours),
        timedelta(hours=settings.review_reminder_hours),
    )


@cache
def _version() -> str:
    """Return the version of the program; to look it up reads a file with all that is in README."""
    return version("paperboy")


def _days(number: int) -> timedelta | None:
    """Return a setting as a duration; None where it is 0, for ever."""
    return timedelta(days=number) if number else None


def _place(name: str) -> Target:
    """Return the channel, or the whole workspace, that a setting names."""
    platform, _, place = name.partition(":")
    workspace, _, channel = place.partition("/")
    return Target(platform, workspace, channel)


def today(zone: ZoneInfo) -> date:
    """Return the current date in a zone."""
    return datetime.now(zone).date()


async def import_sample(context: Context) -> tuple["ImportResult", ...]:
    """Load the bundled weeks."""
    folder = resources.files("config") / "sample"
    files = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".yaml")),
        key=lambda file: file.name,
    )
    return tuple(
        [
            await importer.import_source(
                context.archive, context.vocabulary, file.read_bytes(), file.name
            )
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
