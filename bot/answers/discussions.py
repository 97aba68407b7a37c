"""Answers about discussions: a thread for each paper and channel, opened when somebody asks."""

import asyncio
from datetime import timedelta

from bot.card import Card, LinkButton
from bot.library import Library
from bot.models import Delivery, Discussion, Layout, Paper, Purpose
from bot.ports import Refused, Reply, Request, TryLater, Unknown
from bot.records import Planned, WantedDiscussion
from bot.references import referred
from bot.wording.digest import Kind
from bot.wording.discussions import (
    discuss_button,
    discussed_card,
    discussion_link,
    nowhere_card,
    with_discussion,
)
from bot.wording.guidance import gone_card
from bot.wording.voice import Voice

_LOOKS, _BETWEEN = 40, 0.25
"""How often it is looked for a thread that was asked for, and the seconds in between."""
_COUNTING = 1.0
"""Seconds that an answer waits for the number of replies."""
_EXPIRES = timedelta(days=1)
"""A thread that could not be opened for so long is not opened unasked any more."""


async def discuss(library: Library, request: Request) -> Reply:
    """Open the thread of a paper in this channel, or show the way to the one that it has."""
    reference = referred(request.argument)
    papers = await library.archive.papers([reference.paper]) if reference else ()
    if not reference or not papers or not papers[0].appearances:
        return Reply(gone_card(library.voice(request)), private=True)
    voice, paper = library.voice(request, reference.choice), papers[0]
    if not _has_threads(library, request):
        return Reply(nowhere_card(voice), private=True, is_refused=True)
    found = await library.ledger.discussion(request.target, paper.id)
    if found is None or not found.thread:
        await library.ledger.discuss(await _wanted(library, request, paper), library.now())
        found = await _awaited(library, request, paper)
    link = await _link(library, request, voice, found)
    card = discussed_card(voice, paper, found, link)
    is_refused = bool(found and found.error)
    return Reply(card, private=True, is_refused=is_refused, papers=papers)


async def with_thread(
    library: Library, request: Request, voice: Voice, paper: Paper, card: Card
) -> Card:
    """Return a paper's card with the way to its thread here, or with what opens one."""
    if not _has_threads(library, request):
        return card
    found = await library.ledger.discussion(request.target, paper.id)
    link = await _link(library, request, voice, found)
    return with_discussion(card, link or discuss_button(voice, paper))


def _has_threads(library: Library, request: Request) -> bool:
    """Tell whether this is a channel; a direct message has no threads."""
    target = request.target
    return target.platform in library.threads and bool(target.workspace and target.channel)


async def _wanted(library: Library, request: Request, paper: Paper) -> WantedDiscussion:
    target, now = request.target, library.now()
    here = await library.ledger.subscriptions(target)
    newest = paper.appearances[0]
    delivery = Delivery(
        0, Purpose.DISCUSSION, newest.week, Layout.OVERVIEW, now, now + _EXPIRES, paper=paper.id
    )
    kinds = (Kind.PAPER.value, newest.position), (Kind.OPENING.value, newest.position)
    return WantedDiscussion(
        target,
        Planned(delivery, kinds, {newest.position: paper.id}),
        here[0].language if here else library.language,
        request.person.id,
    )


async def _awaited(library: Library, request: Request, paper: Paper) -> Discussion | None:
    """Return how it stands once the thread is there or refused, or after a while."""
    found = None
    for _ in range(_LOOKS):
        found = await library.ledger.discussion(request.target, paper.id)
        if found and (found.thread or found.error):
            break
        await asyncio.sleep(_BETWEEN)
    return found


async def _link(
    library: Library, request: Request, voice: Voice, found: Discussion | None
) -> LinkButton | None:
    if not found or not found.thread or not found.thread.url:
        return None
    replies = None
    try:
        async with asyncio.timeout(_COUNTING):
            counted = await library.threads[request.target.platform].count(found.thread)
            replies = max(counted - found.own, 0)
    except (TimeoutError, TryLater, Refused, Unknown):
        pass  # the way there is worth more than the number
    return discussion_link(voice, found.thread.url, replies)
