"""Turns a part that is owed into the native messages that say it, from what is stored today."""

from dataclasses import replace
from datetime import timedelta

from bot.cards.digest import digest_card
from bot.cards.discussions import discussion_card
from bot.cards.locale import Catalogues, Locale
from bot.cards.notices import absence_card
from bot.digests.deliveries import filter_by_tags, load_issue
from bot.digests.layouts import DigestPart, MessageKind, PaperMissing
from bot.lib.clock import Clock
from bot.model.card import Card
from bot.model.deliveries import DuePart, Purpose
from bot.model.papers import Issue
from bot.model.subscriptions import Layout
from bot.model.weeks import Week
from bot.ports.archive import Archive
from bot.ports.platform import OutgoingMessage, Platform

_FRESH = timedelta(seconds=5)
"""How long a read issue serves; many channels ask for the same one at the same time."""

_FREQUENT_TAGS = 20
"""How many of the archive's tags, the most frequent ones, a forum may be given."""


class Composer:
    """Words parts, one issue at a time."""

    def __init__(self, archive: Archive, catalogues: Catalogues, clock: Clock) -> None:
        self._archive = archive
        self.catalogues = catalogues
        self._clock = clock
        self._read: dict[tuple[str, Week], tuple[float, Issue | None]] = {}

    async def compose(self, platform: Platform, due_part: DuePart) -> tuple[OutgoingMessage, ...]:
        """Return the messages that say a part, each with the part's key.

        Nothing where its issue or its paper is gone. Only the message of the part's own chunk is
        to be posted; how many there are tells into how many parts it is to be split.
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
        marked = platform.render(replace(card, marker=part.key))
        is_first = not part.position and not part.chunk
        is_digest = due_part.delivery.purpose is Purpose.ISSUE
        return tuple(
            OutgoingMessage(
                native,
                part.key,
                title=card.title,
                tags=tags,
                mention=due_part.subscription.mention if is_first else "",
                is_silent=is_digest and not is_first,
            )
            for native in marked
        )

    async def _frequent_tags(self) -> frozenset[str]:
        """Return the tags that most papers of the archive have."""
        counts = await self._archive.tag_counts()
        return frozenset(tag for tag, _ in counts[:_FREQUENT_TAGS])

    async def _issue(self, series: str, week: Week) -> Issue | None:
        now = self._clock.monotonic()
        until, issue = self._read.get((series, week), (float("-inf"), None))
        if until < now:
            issue = await load_issue(self._archive, series, week)
            self._read = {(series, week): (now + _FRESH.total_seconds(), issue), **{
                key: kept for key, kept in self._read.items()
                if kept[0] >= now and key != (series, week)
            }}  # fmt: skip
        return issue
