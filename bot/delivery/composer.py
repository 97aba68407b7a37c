"""Composes the native messages of a due part, from what the archive holds now."""

from dataclasses import replace

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
"""Many channels ask for the same issue at the same time."""

_FREQUENT_TAGS = 20
"""How many of the archive's tags, the most frequent ones, a forum may be given."""


class Composer:
    """Composes the messages of parts; reads each issue once for many channels."""

    def __init__(self, archive: Archive, catalogues: Catalogues) -> None:
        self._archive = archive
        self.catalogues = catalogues
        self._issues: CallCache[Issue | None] = CallCache(_CACHED_ISSUES, _CACHE_SECONDS)

    async def compose(self, platform: Platform, due_part: DuePart) -> tuple[OutgoingMessage, ...]:
        """Return all messages of a part's card, each with the part's key, in order.

        Return nothing where its issue or paper was removed. Only the message of the part's own
        chunk is to be posted; the others are parts of their own.
        """
        part, subscription = due_part.part, due_part.subscription
        locale = Locale(self.catalogues, subscription.language)
        if due_part.delivery.purpose is Purpose.ABSENCE:
            card = absence_card(locale, subscription.series, due_part.delivery.week)
            return self._messages(platform, due_part, card, ())
        if due_part.delivery.purpose is Purpose.DISCUSSION:
            papers = await self._archive.papers([due_part.delivery.paper])
            cards = [discussion_card(locale, paper, MessageKind(part.kind)) for paper in papers]
            return (
                self._messages(platform, due_part, cards[0], papers[0].all_tags) if cards else ()
            )
        issue = await self._issue(subscription.series, due_part.delivery.week)
        if issue is None:
            return ()
        shown = filter_by_tags(issue, subscription.tags)
        try:
            card = digest_card(locale, shown, DigestPart(MessageKind(part.kind), part.position))
        except PaperMissing:
            return ()
        tags = [entry.paper.all_tags for entry in shown.entries if entry.position == part.position]
        messages = self._messages(platform, due_part, card, tags[0] if tags else ())
        if subscription.layout is not Layout.FORUM or not tags:
            return messages
        frequent = await self._frequent_tags()
        creatable = tuple(tag for tag in tags[0] if tag in frequent)
        return tuple(replace(each, creatable_tags=creatable) for each in messages)

    def _messages(
        self, platform: Platform, due_part: DuePart, card: Card, tags: tuple[str, ...]
    ) -> tuple[OutgoingMessage, ...]:
        part = due_part.part
        payloads = platform.render(replace(card, marker=part.key))
        is_first = not part.position and not part.chunk
        is_digest = due_part.delivery.purpose is Purpose.ISSUE
        return tuple(
            OutgoingMessage(
                payload,
                part.key,
                title=card.thread_name or card.title,
                tags=tags,
                mention=due_part.subscription.mention if is_first else "",
                notification=card.notification if is_first else "",
                is_post=due_part.subscription.layout is Layout.FORUM,
                is_silent=is_digest and not is_first,
            )
            for payload in payloads
        )

    async def _frequent_tags(self) -> frozenset[str]:
        """Return the tags that most papers of the archive have."""
        counts = await self._archive.tag_counts()
        return frozenset(tag for tag, _ in counts[:_FREQUENT_TAGS])

    async def _issue(self, series: str, week: Week) -> Issue | None:
        return await self._issues.get(
            (series, week), lambda: load_issue(self._archive, series, week)
        )
