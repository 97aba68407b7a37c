"""Handles discussions: one thread for each paper and channel, opened on request."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.cards.discussions import (
    cooldown_card,
    discuss_button,
    discussion_link,
    discussion_not_allowed_card,
    discussion_status_card,
    prepend_control,
    threads_forbidden_card,
    threads_unsupported_card,
)
from bot.cards.help import expired_control_card
from bot.cards.locale import Locale
from bot.cards.references import parse_reference
from bot.cards.talk import MOST_SHOWN, Period, liveliest_card, unknown_period_card, with_talk
from bot.cards.votes import vote_button
from bot.commands.context import Context
from bot.digests.layouts import MessageKind
from bot.model.card import Card, LinkButton
from bot.model.channels import MessageRef, Target
from bot.model.deliveries import Delivery, Discussion, Purpose
from bot.model.discussions import PaperThread
from bot.model.papers import Paper
from bot.model.planning import DiscussionRequest, PlannedDelivery
from bot.model.subscriptions import Layout
from bot.ports.conversation import Reply, Request
from bot.ports.errors import Refused, TargetDeleted, TryLater, Unknown
from bot.ports.platform import SupportsThreadArchive

_POLL_ATTEMPTS, _POLL_SECONDS = 40, 0.25
"""How often a requested thread is looked up, and the seconds between two attempts."""
_COUNT_TIMEOUT = 1.0
"""Seconds that a reply waits for the number of messages in a thread."""
_SPANS = {Period.WEEK: timedelta(days=7), Period.MONTH: timedelta(days=30), Period.ALL: None}
_PERIODS = {
    "": Period.WEEK, "week": Period.WEEK, "주": Period.WEEK, "이번주": Period.WEEK,
    "month": Period.MONTH, "달": Period.MONTH, "이번달": Period.MONTH,
    "all": Period.ALL, "전체": Period.ALL,
}  # fmt: skip
_REFUSAL_TTL = timedelta(hours=1)
"""How long a channel that refused a thread is not asked to open one for another paper."""
_REQUEST_TTL = timedelta(days=1)
"""After this time a thread that could not be opened is no longer tried."""


@dataclass(frozen=True, slots=True)
class _ThreadStatus:
    """What is known of a paper's thread."""

    found: Discussion | None
    is_locked: bool = False
    is_archived: bool = False

    @property
    def thread(self) -> MessageRef | None:
        """Return the first message of the thread, or None."""
        return self.found.thread if self.found else None

    @property
    def error(self) -> str:
        """Return why the thread cannot be opened; empty if it can, or is open."""
        return self.found.error if self.found else ""

    def link(self, locale: Locale) -> LinkButton | None:
        """Return the link to the thread, or None."""
        url = self.thread.url if self.thread else ""
        counts = self.found.counts if self.found else None
        return discussion_link(locale, url, counts.replies if counts else None) if url else None


async def discuss(context: Context, request: Request) -> Reply:
    """Open the thread of a paper in this channel, or link to the one that it has."""
    reference = parse_reference(request.argument)
    papers = await context.archive.papers([reference.paper]) if reference else ()
    if not reference or not papers or not papers[0].appearances:
        return Reply(expired_control_card(context.locale(request)), is_private=True)
    locale, paper = context.locale(request, reference.choice), papers[0]
    if not _has_threads(context, request):
        return Reply(threads_unsupported_card(locale), is_private=True, is_refused=True)
    talk = await _load_thread_status(context, request.target, paper)
    if not talk.thread:
        if refusal := await _refusal(context, request, (locale, paper), talk):
            return Reply(refusal, is_private=True, is_refused=True, papers=papers)
        await context.ledger.request_discussion(
            await _build_discussion_request(context, request, paper), context.now()
        )
        talk = _ThreadStatus(await _wait_for_thread(context, request, paper))
    elif talk.is_archived:
        await _revive(context, talk.thread)
    card = discussion_status_card(
        locale, paper, talk.error, talk.link(locale), is_locked=talk.is_locked
    )
    return Reply(card, is_private=True, is_refused=bool(talk.error), papers=papers)


async def _refusal(
    context: Context, request: Request, shown: tuple[Locale, Paper], talk: _ThreadStatus
) -> Card | None:
    """Return why the person gets no thread here; None where one can be opened."""
    locale, paper = shown
    if not context.discussion_permission.allows(request.person):
        return discussion_not_allowed_card(locale, context.discussion_permission)
    if not request.access.may_open_threads:
        # Asked anyway, the message would stay there without its thread.
        return threads_forbidden_card(locale)
    if refusal := await _recent_refusal(context, request, talk):
        # Another paper's message would stay there without its thread as well.
        return discussion_status_card(locale, paper, refusal, None, is_locked=False)
    left = await _cooldown(context, request, talk)
    return cooldown_card(locale, left) if left else None


async def discussions(context: Context, request: Request) -> Reply:
    """Answer with the papers that are talked about most here."""
    locale, asked = context.locale(request), request.argument.strip().casefold()
    period = _PERIODS.get(asked)
    if period is None:
        return Reply(unknown_period_card(locale, request.argument.strip()), is_private=True)
    now, span = context.now(), _SPANS[period]
    talks = await context.ledger.paper_talk(
        context.community(request.target), MOST_SHOWN, since=now - span if span else None
    )
    papers = {paper.id: paper for paper in await context.archive.papers([t.paper for t in talks])}
    shown = [(papers[talk.paper], talk) for talk in talks if talk.paper in papers]
    card = liveliest_card(locale, period, shown, request.target, now)
    return Reply(card, is_private=not shown, papers=tuple(paper for paper, _ in shown))


async def _recent_refusal(context: Context, request: Request, talk: _ThreadStatus) -> str:
    """Return why no thread can be opened in the channel; empty for a paper that was tried."""
    if talk.found:
        return ""
    since = context.now() - _REFUSAL_TTL
    return await context.ledger.find_thread_refusal(request.target, since)


async def _cooldown(context: Context, request: Request, talk: _ThreadStatus) -> timedelta | None:
    """Return how long the person has to wait before opening another thread; None for no time.

    Who manages the channel need not wait, nor who tries the same paper again.
    """
    if talk.found or request.person.may_manage or not context.discussion_cooldown:
        return None
    last = await context.ledger.last_opened(request.target, request.person.id)
    if last is None:
        return None
    left = context.discussion_cooldown - (context.now() - last)
    return left if left > timedelta() else None


async def _revive(context: Context, thread: MessageRef) -> None:
    """Bring an archived thread back; where that fails, the link leads there all the same."""
    platform = context.threads[thread.target.platform]
    if not isinstance(platform, SupportsThreadArchive):
        return
    with suppress(TimeoutError, TryLater, Refused, Unknown):
        async with asyncio.timeout(_COUNT_TIMEOUT):
            await platform.revive_thread(thread)


async def add_discussion_control(
    context: Context, request: Request, locale: Locale, paper: Paper, card: Card
) -> Card:
    """Return a paper's card with what is said about it, and the way to its thread here.

    That is the link to the thread, or the button that opens one.
    """
    if not _has_threads(context, request):
        return card
    talk = await _load_thread_status(context, request.target, paper)
    community = context.community(request.target)
    if paper.appearances:
        votes = await context.count_votes(request.target, [paper.id])
        card = prepend_control(card, vote_button(locale, paper, votes.get(paper.id, 0)))
    for said in await context.ledger.paper_talk(community, 1, papers=[paper.id]):
        card = with_talk(locale, card, said, context.now())
    if link := talk.link(locale):
        return prepend_control(card, link)
    is_allowed = context.discussion_permission.allows(request.person)
    if is_allowed and request.access.may_open_threads and not talk.thread:
        return prepend_control(card, discuss_button(locale, paper))
    return card


def _has_threads(context: Context, request: Request) -> bool:
    """Tell whether papers can have threads here; direct messages have none."""
    target = request.target
    return target.platform in context.threads and bool(target.workspace and target.channel)


async def _build_discussion_request(
    context: Context, request: Request, paper: Paper
) -> DiscussionRequest:
    target, now = request.target, context.now()
    newest = paper.appearances[0]
    delivery = Delivery(
        0,
        Purpose.DISCUSSION,
        newest.week,
        Layout.OVERVIEW,
        now,
        now + _REQUEST_TTL,
        paper=paper.id,
        opened_by=request.person.id,
    )
    kinds = (
        (MessageKind.PAPER.value, newest.position),
        (MessageKind.OPENING.value, newest.position),
    )
    return DiscussionRequest(
        target,
        PlannedDelivery(delivery, kinds, {newest.position: paper.id}),
        await context.channel_language(target) or context.language,
        request.person.id,
        MessageRef(target, request.message) if request.message else None,
    )


async def _wait_for_thread(context: Context, request: Request, paper: Paper) -> Discussion | None:
    """Return the discussion once its thread is there or was refused, or after a timeout."""
    found = None
    for _ in range(_POLL_ATTEMPTS):
        found = await context.ledger.find_discussion(request.target, paper.id)
        if found and (found.thread or found.error):
            break
        await asyncio.sleep(_POLL_SECONDS)
    return found


async def _load_thread_status(context: Context, target: Target, paper: Paper) -> _ThreadStatus:
    """Return the state of a paper's thread; a thread that was deleted is forgotten."""
    found = await context.ledger.find_discussion(target, paper.id)
    if not found or not found.thread:
        return _ThreadStatus(found)
    platform = context.threads[target.platform]
    try:
        async with asyncio.timeout(_COUNT_TIMEOUT):
            state = await platform.read_thread(found.thread, found.own_messages)
    except TargetDeleted:
        await context.ledger.forget_discussion(target, paper.id, found.thread)
        return await _load_thread_status(context, target, paper)
    except (TimeoutError, TryLater, Refused, Unknown):
        return _ThreadStatus(found)  # with the numbers of before
    if state.counts != found.counts:
        counted = PaperThread(paper.id, found.thread, counts=state.counts)
        await context.ledger.record_thread(counted, context.now())
    found = replace(found, counts=state.counts)
    return _ThreadStatus(found, state.is_locked, state.is_archived)
