"""The context of all handlers: archive, ledger, vocabulary, catalogues, settings and clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from bot.cards.locale import LANGUAGE_CHOICES, Catalogues, Locale
from bot.model.access import Audience, CuratorAccess, ThreadPermission
from bot.model.channels import Target
from bot.model.discussions import Community
from bot.model.mentions import MentionSyntax
from bot.model.retention import Retention
from bot.model.review_rules import ReviewRules

if TYPE_CHECKING:
    # A command that asks once needs few of these.
    from bot.commands.pictures import PictureStudio
    from bot.commands.usage import UsageCounter
    from bot.model.subscriptions import Layout
    from bot.papers.tagging import Vocabulary
    from bot.ports.archive import Archive
    from bot.ports.changes import ChangeFeed
    from bot.ports.conflicts import ConflictStore
    from bot.ports.conversation import Request
    from bot.ports.curation import Curation
    from bot.ports.embedder import Embedder
    from bot.ports.enrichment import RecordStore, VectorStore
    from bot.ports.ledger import Ledger
    from bot.ports.people import PeopleStore
    from bot.ports.platform import (
        Platform,
        SupportsChannelRights,
        SupportsChannelUrls,
        SupportsThreads,
    )
    from bot.ports.reports import ReportStore
    from bot.ports.reviews import ReviewStore
    from bot.ports.source_state import SourceStateStore
    from bot.ports.translations import AwaitedTranslations, TranslationStore
    from bot.ports.unlisted import UnlistedPaperFinder
    from bot.search.thesaurus import Thesaurus


@dataclass(frozen=True, slots=True)
class Context:
    """What handlers need; built once, when the program starts."""

    archive: Archive
    curation: Curation
    reports: ReportStore
    reviews: ReviewStore
    conflicts: ConflictStore
    records: RecordStore
    vectors: VectorStore
    translations: TranslationStore
    vocabulary: Vocabulary
    thesaurus: Thesaurus
    catalogues: Catalogues
    language: str
    """'ko', 'en' or 'both': the language for people whose own is unknown."""
    series: tuple[str, ...]
    """The series that are preferred, in order, if several have a week."""
    today: Callable[[], date]
    version: str
    ledger: Ledger
    usage: UsageCounter
    source_states: SourceStateStore
    people: PeopleStore
    now: Callable[[], datetime]
    source_series: frozenset[str]
    """The series that have an enabled source."""
    zone: str
    """The time zone of a new subscription."""
    platforms: frozenset[str]
    """The names of the platforms on which digests are posted."""
    layouts: Callable[[str], Sequence[Layout]]
    """Given a platform, returns the layouts that it supports."""
    mention_syntax: Callable[[str], MentionSyntax] = lambda _platform: MentionSyntax()
    """How a platform writes mentions."""
    awaited_translations: AwaitedTranslations | None = None
    """What digests wait for; None where nothing is translated."""
    platform: Platform | None = None
    """The platform that asks, while it runs."""
    channel_urls: SupportsChannelUrls | None = None
    """The platform that asks, if its channels have addresses."""
    channel_rights: SupportsChannelRights | None = None
    """The platform that asks, if it tells who may manage a channel."""
    audience: Audience = field(default_factory=Audience)
    discussion_permission: ThreadPermission = ThreadPermission.EVERYONE
    """Who may open discussions."""
    discussion_cooldown: timedelta = timedelta()
    """How long a person waits before opening another discussion in a channel."""
    record_patience: timedelta = timedelta()
    """How long the records of new papers are awaited before those who follow them are told."""
    retention: Retention = field(default_factory=Retention)
    has_prompts: bool = False
    """Whether a question stands at the end of what begins a discussion."""
    communities: tuple[Community, ...] = ()
    """The channels whose talk is counted together."""
    public_channels: tuple[Target, ...] = ()
    """The channels, or whole workspaces, that anyone may read; web pages link to threads there."""
    curators: CuratorAccess = field(default_factory=CuratorAccess)
    review_rules: ReviewRules = field(default_factory=ReviewRules)
    """Which weeks wait for curators before they are posted."""
    embedder: Embedder | None = None
    """Finds papers by meaning, where the extra is installed."""
    pictures: PictureStudio | None = None
    """Draws pictures, where the extra is installed."""
    unlisted: UnlistedPaperFinder | None = None
    """Finds papers that no weekly list has; None where nothing is asked about them."""
    public_url: str = ""
    """The address of the web pages; empty where there are none."""
    threads: Mapping[str, SupportsThreads] = field(default_factory=dict)
    """The running platforms on which papers have threads, by name."""

    changes: ChangeFeed | None = None
    """Tells what other processes wrote, where the database can."""

    async def is_empty(self) -> bool:
        """Tell whether the archive has no week yet."""
        return not (await self.archive.totals()).issues

    def community(self, target: Target) -> Community:
        """Return the community of a channel: of the settings, or else the channel by itself."""
        return next(
            (each for each in self.communities if each.includes(target)), Community((target,))
        )

    async def count_votes(self, target: Target, papers: Sequence[int]) -> Mapping[int, int]:
        """Return the votes for these papers in the community of a channel, by paper."""
        return await self.ledger.votes(self.community(target), papers=papers)

    async def channel_language(self, target: Target) -> str:
        """Return the language that everyone in a channel reads; empty where none was chosen.

        It is that of the settings, or else that of the channel's digest.
        """
        if chosen := self.audience.language_of(target):
            return chosen
        digests = await self.ledger.subscriptions(target) if target.channel else ()
        return digests[0].language if digests else ""

    def locale(self, request: Request, choice: str = "") -> Locale:
        """Return the locale for a request; `choice` overrides the person's language.

        What everyone sees is in the language of the channel, whatever the person chose.
        """
        for wanted in (request.language, choice, request.person.language, self.language):
            if wanted in LANGUAGE_CHOICES or wanted in self.catalogues:
                return Locale(self.catalogues, wanted, self.public_url)
        return Locale(self.catalogues, "en", self.public_url)
