"""Composes the native messages of a due part, from what the archive holds now."""

from dataclasses import dataclass, field, replace

from bot.cards.digest import digest_card
from bot.cards.discussions import discussion_card
from bot.cards.locale import Catalogues, Locale
from bot.cards.notices import absence_card
from bot.digests.deliveries import filter_by_tags, load_issue
from bot.digests.layouts import DigestPart, MessageKind, PaperMissing
from bot.lib.cache import CallCache
from bot.model.card import Card
from bot.model.deliveries import DuePart, Purpose
from bot.model.papers import Issue
from bot.model.subscriptions import Layout
from bot.model.weeks import Week
from bot.ports.archive import Archive
from bot.ports.platform import OutgoingMessage, Platform

_CACHED_ISSUES, _CACHE_SECONDS = 16, 5.0
"""Many channels ask for the same issue at the same time, and most of them wish the same."""

_FREQUENT_TAGS = 20
"""How many of the archive's tags, the most frequent ones, a forum may be given."""


@dataclass(frozen=True, slots=True)
class _CachedIssue:
    """An issue as it was read, and its messages as they were rendered."""

    issue: Issue | None
    messages: dict[object, tuple[OutgoingMessage, ...]] = field(default_factory=dict)


class Composer:
    """Composes the messages of parts; reads and renders each issue once for many channels."""

    def __init__(self, archive: Archive, catalogues: Catalogues, public_url: str = "") -> None:
        self._archive = archive
        self.catalogues = catalogues
        self._public_url = public_url
        self._issues: CallCache[_CachedIssue] = CallCache(_CACHED_ISSUES, _CACHE_SECONDS)

    async def compose(self, platform: Platform, due_part: DuePart) -> tuple[OutgoingMessage, ...]:
        """Return all messages of a part's card, each with the part's key, in order.

        Return nothing where its issue or paper was removed. Only the message of the part's own
        chunk is to be posted; the others are parts of their own.
        """
        part, subscription = due_part.part, due_part.subscription
        messages = await self._messages(platform, due_part)
        is_first = not part.position and not part.chunk
        is_digest = due_part.delivery.purpose is Purpose.ISSUE
        return tuple(
            replace(
                each,
                key=part.key,
                mention=subscription.mention if is_first else "",
                notification=each.notification if is_first else "",
                is_post=subscription.layout is Layout.FORUM,
                is_silent=is_digest and not is_first,
            )
            for each in messages
        )

    async def _messages(
        self, platform: Platform, due_part: DuePart
    ) -> tuple[OutgoingMessage, ...]:
        """Return the messages as all channels with the same wishes get them."""
        part, subscription, delivery = due_part.part, due_part.subscription, due_part.delivery
        locale = Locale(self.catalogues, subscription.language, self._public_url)
        if delivery.purpose is Purpose.ABSENCE:
            return _render(platform, absence_card(locale, subscription.series, delivery.week), ())
        if delivery.purpose is Purpose.DISCUSSION:
            papers = await self._archive.papers([delivery.paper])
            cards = [discussion_card(locale, paper, MessageKind(part.kind)) for paper in papers]
            return _render(platform, cards[0], papers[0].all_tags) if cards else ()
        cached = await self._issue(subscription.series, delivery.week)
        if cached.issue is None:
            return ()
        if due_part.posts:
            # The overview of a forum leads to the posts of its own channel.
            return await self._render_issue(platform, locale, due_part, cached.issue)
        wishes = (
            platform.name, subscription.language, subscription.layout, subscription.tags,
            part.kind, part.position,
        )  # fmt: skip
        if wishes not in cached.messages:
            found = await self._render_issue(platform, locale, due_part, cached.issue)
            cached.messages[wishes] = found
        return cached.messages[wishes]

    async def _render_issue(
        self, platform: Platform, locale: Locale, due_part: DuePart, issue: Issue
    ) -> tuple[OutgoingMessage, ...]:
        part, subscription = due_part.part, due_part.subscription
        shown = filter_by_tags(issue, subscription.tags)
        try:
            place = DigestPart(MessageKind(part.kind), part.position)
            card = digest_card(locale, shown, place, due_part.posts)
        except PaperMissing:
            return ()
        tags = [entry.paper.all_tags for entry in shown.entries if entry.position == part.position]
        messages = _render(platform, card, tags[0] if tags else ())
        if subscription.layout is not Layout.FORUM or not tags:
            return messages
        frequent = await self._frequent_tags()
        creatable = tuple(tag for tag in tags[0] if tag in frequent)
        return tuple(replace(each, creatable_tags=creatable) for each in messages)

    async def _frequent_tags(self) -> frozenset[str]:
        """Return the tags that most papers of the archive have."""
        counts = await self._archive.tag_counts()
        return frozenset(tag for tag, _ in counts[:_FREQUENT_TAGS])

    async def _issue(self, series: str, week: Week) -> _CachedIssue:
        async def load() -> _CachedIssue:
            return _CachedIssue(await load_issue(self._archive, series, week))

        return await self._issues.get((series, week), load)


def _render(platform: Platform, card: Card, tags: tuple[str, ...]) -> tuple[OutgoingMessage, ...]:
    title = card.thread_name or card.title
    return tuple(
        OutgoingMessage(payload, "", title=title, tags=tags, notification=card.notification)
        for payload in platform.render(card)
    )
