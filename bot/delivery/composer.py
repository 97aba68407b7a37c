"""Composes the native messages of a due part, from what the archive holds now."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.cards.corrections import removed_paper_card, removed_week_card, spare_message_card
from bot.cards.digest import digest_card
from bot.cards.discussions import discussion_card, discussion_link, prepend_control
from bot.cards.issues import issue_card
from bot.cards.locale import Catalogues, Locale
from bot.cards.notices import absence_card
from bot.cards.prompts import with_prompt
from bot.cards.reviews import with_review_note
from bot.cards.talk import with_recap
from bot.cards.votes import papers_to_vote_for, with_vote_menu
from bot.delivery.curator_cards import CuratorCards
from bot.delivery.native_messages import (
    RenderedCard,
    address,
    annotate,
    has_same_text,
    render,
)
from bot.delivery.personal_messages import PersonalMessages
from bot.digests import slots
from bot.digests.deliveries import filter_by_tags, load_issue
from bot.digests.layouts import DigestPart, MessageKind, PaperMissing
from bot.lib.cache import CallCache
from bot.model.card import Card
from bot.model.channels import Target
from bot.model.deliveries import OVERVIEW, DuePart, Part, Purpose
from bot.model.message_edits import DueEdit
from bot.model.papers import Issue, Paper
from bot.model.reviews import Review, review_for
from bot.model.subscriptions import MOST_MENTIONS, Layout
from bot.model.weeks import Week
from bot.ports.archive import Archive
from bot.ports.platform import OutgoingMessage, Platform

_CACHED_ISSUES, _CACHE_SECONDS = 16, 5.0
"""Many channels ask for the same issue at the same time, and most of them wish the same."""

_BEGINNINGS = frozenset({MessageKind.OPENING, MessageKind.POST})
"""The messages that begin the thread of their paper."""

_FREQUENT_TAGS = 20
"""How many of the archive's tags, the most frequent ones, a forum may be given."""


@dataclass(frozen=True, slots=True)
class _CachedIssue:
    """An issue as it was read, and its messages as they were rendered."""

    issue: Issue | None
    reviews: Sequence[Review] = ()
    cards: dict[object, RenderedCard | None] = field(default_factory=dict)

    def is_unreviewed(self, due_part: DuePart) -> bool:
        """Return whether a part has to say that no curator has reviewed its issue."""
        found = review_for(self.reviews, due_part.subscription.target)
        is_overview = due_part.part.kind == OVERVIEW
        return is_overview and found is not None and not found.is_reviewed


VoteCounter = Callable[[Target, Sequence[int]], Awaitable[Mapping[int, int]]]
"""Returns the votes for papers in the community of a channel, by paper."""


async def _no_votes(_target: Target, _papers: Sequence[int]) -> Mapping[int, int]:
    return {}


class Composer:
    """Composes the messages of parts; reads and renders each issue once for many channels."""

    def __init__(  # noqa: PLR0913 - all that messages are composed of
        self,
        archive: Archive,
        catalogues: Catalogues,
        public_url: str = "",
        curators: CuratorCards | None = None,
        personal: PersonalMessages | None = None,
        *,
        has_prompts: bool = False,
        count_votes: VoteCounter = _no_votes,
    ) -> None:
        self._archive = archive
        self._personal = personal
        self.curators = curators
        """Composes what curators are shown; None where they are shown nothing."""
        self.catalogues = catalogues
        self._has_prompts = has_prompts
        """Whether a question stands at the end of what begins a discussion."""
        self._count_votes = count_votes
        self._public_url = public_url
        self._issues: CallCache[_CachedIssue] = CallCache(_CACHED_ISSUES, _CACHE_SECONDS)

    async def compose(self, platform: Platform, due_part: DuePart) -> tuple[OutgoingMessage, ...]:
        """Return all messages of a part's card, each with the part's key, in order.

        Return nothing where its issue or paper was removed or retracted. Only the message of the
        part's own chunk is to be posted; the others are parts of their own.
        """
        rendered = await self._render(platform, due_part, None)
        if rendered is None:
            return ()
        found = await self._annotate(platform, due_part, rendered, None)
        return address(due_part, found, await self._tag_mentions(due_part, None))

    async def compose_edit(self, platform: Platform, edit: DueEdit) -> tuple[OutgoingMessage, ...]:
        """Return all messages of the card that a posted message is to show now.

        The archive is read after the edit was requested. The message of the part's own chunk is
        among them, also where the card needs fewer messages than before, or its paper is gone.
        """
        due_part = edit.due_part
        rendered = await self._render(platform, due_part, edit.requested_at)
        found: tuple[OutgoingMessage, ...] = ()
        if rendered is not None:
            day = _edited_on(edit, rendered)
            found = await self._annotate(platform, due_part, rendered, day)
        if due_part.part.chunk >= len(found):
            spare = render(platform, spare_message_card(self._locale(due_part))).messages
            content = rendered.messages[0].content if rendered else ""
            found = (*found, *(replace(spare[0], content=content),) * (due_part.part.chunk + 1))
        return address(due_part, found, await self._tag_mentions(due_part, edit.requested_at))

    async def _annotate(
        self, platform: Platform, due_part: DuePart, rendered: RenderedCard, day: date | None
    ) -> tuple[OutgoingMessage, ...]:
        """Return messages with their votes, and with the day on which they were edited, if any."""
        if due_part.delivery.purpose not in {Purpose.ISSUE, Purpose.DISCUSSION}:
            return rendered.messages
        papers = papers_to_vote_for(rendered.card)
        target = due_part.subscription.target
        votes = await self._count_votes(target, papers) if papers else {}
        return annotate(platform, rendered, self._locale(due_part), day, votes)

    async def _tag_mentions(
        self, due_part: DuePart, newer_than: datetime | None
    ) -> tuple[str, ...]:
        """Return whom an admin chose to be mentioned for the tags of a digest's papers."""
        subscription, delivery = due_part.subscription, due_part.delivery
        if not subscription.tag_mentions or delivery.purpose is not Purpose.ISSUE:
            return ()
        issue = (await self._issue(subscription.series, delivery.week, newer_than)).issue
        if issue is None or issue.retraction:
            return ()
        papers = [entry.paper for entry in filter_by_tags(issue, subscription.tags).entries]
        tags = {tag for paper in papers if not paper.retraction for tag in paper.all_tags}
        named = (group for tag, group in subscription.tag_mentions if tag in tags)
        return tuple(dict.fromkeys(named))[: MOST_MENTIONS - bool(subscription.mention)]

    def _locale(self, due_part: DuePart) -> Locale:
        return Locale(self.catalogues, due_part.subscription.language, self._public_url)

    async def _render(
        self, platform: Platform, due_part: DuePart, edited_at: datetime | None
    ) -> RenderedCard | None:
        """Return the card of a part as all channels with the same wishes get it.

        Return None where there is nothing to be shown. What is edited is read after that time.
        """
        part, subscription, delivery = due_part.part, due_part.subscription, due_part.delivery
        locale = self._locale(due_part)
        if delivery.purpose is Purpose.ABSENCE:
            week = slots.previous_week(delivery.week)
            held = await load_issue(self._archive, subscription.series, week)
            is_there = held is not None and held.retraction is None
            named = week if is_there else delivery.week
            absence = absence_card(locale, subscription.series, named, is_there=is_there)
            return render(platform, absence)
        if delivery.purpose.is_for_curators:
            card = await self.curators.card(due_part) if self.curators else None
            return render(platform, card) if card else None
        if delivery.purpose.is_personal:
            card = await self._personal.card(due_part, locale) if self._personal else None
            return render(platform, card) if card else None
        if delivery.purpose is Purpose.DISCUSSION:
            return await self._render_discussion(platform, due_part)
        cached = await self._issue(subscription.series, delivery.week, edited_at)
        is_edited = edited_at is not None
        if due_part.posts or due_part.known_thread or delivery.recap:
            # These lead to threads of their own channel.
            return await self._render_issue(platform, due_part, cached, is_edited=is_edited)
        wishes = (
            platform.name, subscription.language, subscription.layout, subscription.tags,
            part.kind, part.position, part.paper if is_edited else 0, is_edited,
            cached.is_unreviewed(due_part),
        )  # fmt: skip
        if wishes not in cached.cards:
            found = await self._render_issue(platform, due_part, cached, is_edited=is_edited)
            cached.cards[wishes] = found
        return cached.cards[wishes]

    async def _render_discussion(
        self, platform: Platform, due_part: DuePart
    ) -> RenderedCard | None:
        delivery, locale = due_part.delivery, self._locale(due_part)
        papers = await self._archive.papers([delivery.paper])
        if not papers:
            return None
        kind = MessageKind(due_part.part.kind)
        card = discussion_card(locale, papers[0], kind, delivery.opened_by)
        card = self._with_prompt(locale, card, kind, papers[:1])
        return render(platform, card, papers[0].all_tags)

    async def _render_issue(
        self, platform: Platform, due_part: DuePart, cached: _CachedIssue, *, is_edited: bool
    ) -> RenderedCard | None:
        """Return the card of a part; where it is edited, of what stands there."""
        issue = cached.issue
        part, subscription, locale = due_part.part, due_part.subscription, self._locale(due_part)
        if issue is None or issue.retraction:
            gone = issue_card(locale, issue) if issue else removed_week_card(locale)
            return render(platform, gone) if is_edited else None
        if not is_edited and _is_retracted(issue, part):
            return None
        shown, position = await self._shown(due_part, issue, is_edited=is_edited)
        try:
            place = DigestPart(MessageKind(part.kind), position)
            card = digest_card(locale, shown, place, due_part.posts)
        except PaperMissing:
            return render(platform, removed_paper_card(locale)) if is_edited else None
        papers = [entry.paper for entry in shown.entries if entry.position == position]
        card = await self._with_talk(due_part, card, place.kind, shown)
        card = self._with_prompt(locale, card, place.kind, papers)
        if cached.is_unreviewed(due_part):
            card = with_review_note(locale, card)
        tags = papers[0].all_tags if papers else ()
        rendered = render(platform, card, tags)
        if subscription.layout is not Layout.FORUM or not tags:
            return rendered
        frequent = await self._frequent_tags()
        creatable = tuple(tag for tag in tags if tag in frequent)
        messages = (replace(each, creatable_tags=creatable) for each in rendered.messages)
        return replace(rendered, messages=tuple(messages))

    async def _with_talk(
        self, due_part: DuePart, card: Card, kind: MessageKind, shown: Issue
    ) -> Card:
        """Return the card with what leads to discussions and votes."""
        locale, recap = self._locale(due_part), due_part.delivery.recap
        if kind is MessageKind.OVERVIEW:
            if due_part.subscription.layout is Layout.OVERVIEW:
                # Other layouts have a message with a button for each paper.
                card = with_vote_menu(locale, card, [entry.paper for entry in shown.entries])
            if recap:
                card = with_recap(locale, card, recap, await self._archive.papers(recap.papers))
        elif kind is MessageKind.PAPER and due_part.known_thread and due_part.known_thread.url:
            link = discussion_link(locale, due_part.known_thread.url, None)
            card = prepend_control(card, link)
        return card

    def _with_prompt(
        self, locale: Locale, card: Card, kind: MessageKind, papers: Sequence[Paper]
    ) -> Card:
        """Return the card with a question, if it begins the thread of its paper, the first one."""
        standing = [paper for paper in papers if not paper.retraction]
        if not self._has_prompts or kind not in _BEGINNINGS or not standing:
            return card
        return with_prompt(locale, card, standing[0])

    async def _shown(
        self, due_part: DuePart, issue: Issue, *, is_edited: bool
    ) -> tuple[Issue, int]:
        """Return the issue as a channel wants it, and the number that a part's paper has there."""
        if is_edited and due_part.part.position:
            # What was posted stays, whatever number and tags its paper has now.
            return issue, await self._position(due_part, issue)
        return filter_by_tags(issue, due_part.subscription.tags), due_part.part.position

    async def _position(self, due_part: DuePart, issue: Issue) -> int:
        """Return the number that a posted paper has now; one that no paper has if it is gone."""
        part = due_part.part
        if not part.paper:
            return part.position
        # It may have been merged into another one since.
        known = {part.paper, *(paper.id for paper in await self._archive.papers([part.paper]))}
        listed = (each.position for each in issue.entries if each.paper.id in known)
        return next(listed, -1)

    async def _frequent_tags(self) -> frozenset[str]:
        """Return the tags that most papers of the archive have."""
        counts = await self._archive.tag_counts()
        return frozenset(tag for tag, _ in counts[:_FREQUENT_TAGS])

    async def _issue(self, series: str, week: Week, newer_than: datetime | None) -> _CachedIssue:
        """Return an issue; where that is given, as it is since then."""

        async def load() -> _CachedIssue:
            issue = await load_issue(self._archive, series, week)
            reviews = await self.curators.reviews_of(series, week) if self.curators else ()
            return _CachedIssue(issue, reviews)

        return await self._issues.get((series, week, newer_than), load)


def _edited_on(edit: DueEdit, rendered: RenderedCard) -> date | None:
    """Return the day on which the text of a message was edited, or is with this edit."""
    part, zone = edit.due_part.part, ZoneInfo(edit.due_part.subscription.zone)
    is_text = not has_same_text(part.content, rendered.messages[0].content)
    edited_at = edit.requested_at if is_text else part.edited_at
    return edited_at.astimezone(zone).date() if edited_at else None


def _is_retracted(issue: Issue, part: Part) -> bool:
    """Return whether the paper of a part was retracted before it was posted."""
    own = (entry.paper for entry in issue.entries if entry.position == part.position)
    return any(paper.retraction for paper in own)
